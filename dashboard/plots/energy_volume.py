"""Energy against volume: reference points, a committee's mean and spread, Birch–Murnaghan's numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.models import HoverTool
from numpy.typing import NDArray

from dashboard.plots.frame import Mark, empty_source, frame, key_html
from dashboard.theme import SERIES

if TYPE_CHECKING:
    from engine.math import EquationOfState

Arrays = dict[str, NDArray[Any]]
FloatArray = NDArray[np.float64]

BLUE, ORANGE = SERIES[0], SERIES[1]
NEAR = (0.90, 1.10)  # volumes over the minimum's that are fitted
KEY: tuple[Mark, ...] = (
    ("diamond", ORANGE, "reference"),
    ("line", BLUE, "mean of the committee"),
    ("band", BLUE, "± σ of its members"),
)
EMPTY = "Appears with the first fit: the committee's energies of a volume series beside the reference's own."


@dataclass(frozen=True, eq=False)
class EnergyVolume:
    """A volume series.

    Attributes
    ----------
    volume, energy : (n,) Å³/atom and eV/atom of the reference
    grid : (m,) Å³/atom, rising
    members : (K, m) eV/atom of the committee's members there
    """

    volume: FloatArray
    energy: FloatArray
    grid: FloatArray
    members: FloatArray


def data(series: EnergyVolume) -> tuple[Arrays, Arrays]:
    """Points of the reference and the committee's curve.

    Returns
    -------
    points : `volume` (Å³/atom), `energy` (eV/atom)
    curve : `volume`, `mean`, `low`, `high` (eV/atom, mean ± σ with K − 1)
    """
    mean, std = series.members.mean(axis=0), np.zeros(len(series.grid))
    if len(series.members) > 1:
        std = series.members.std(axis=0, ddof=1)
    points = {"volume": series.volume, "energy": series.energy}
    return points, {"volume": series.grid, "mean": mean, "low": mean - std, "high": mean + std}


def words(series: EnergyVolume | None) -> str:
    """Birch–Murnaghan's numbers within 10 % of the minimum: errors of the fit, σ of the members."""
    if series is None:
        return EMPTY
    reference = _fits(series.volume, series.energy[None])
    committee = _fits(series.grid, series.members)
    return (
        f"Reference: {_numbers(reference)}<br>"
        f"Committee: {_numbers(committee)} (mean and σ of {len(committee)} members)"
    )


def _fits(volume: FloatArray, energies: FloatArray) -> list[EquationOfState]:
    """An equation of state of each row of energies that has one."""
    from engine.math import fit_birch_murnaghan  # with scipy, for which the first page does not wait

    found = []
    for energy in energies:
        ratio = volume / volume[np.argmin(energy)]
        near = (ratio >= NEAR[0]) & (ratio <= NEAR[1])
        try:
            found.append(fit_birch_murnaghan(volume[near], energy[near]))
        except ValueError:  # no minimum, or too few points about it
            continue
    return found


def _numbers(fits: list[EquationOfState]) -> str:
    if not fits:
        return "no equation of state, 5 points about a minimum are needed"
    values = np.array([(fit.volume, fit.bulk_modulus, fit.derivative) for fit in fits])
    errors = fits[0].errors[1:] if len(fits) == 1 else values.std(axis=0, ddof=1)
    (v, b, d), (dv, db, dd) = values.mean(axis=0), errors
    return f"V₀ <b>{v:.2f} ± {dv:.2f} Å³/atom</b>, B₀ <b>{b:.1f} ± {db:.1f} GPa</b>, B₀′ {d:.1f} ± {dd:.1f}"


def key() -> str:
    """The figure's key."""
    return key_html(KEY)


class EnergyVolumeCurve:
    """E–V of reference and committee."""

    def __init__(self) -> None:
        self._points = empty_source("volume", "energy")
        self._curve = empty_source("volume", "mean", "low", "high")
        plot = frame("volume (Å³/atom)", "energy (eV/atom)", 300)
        plot.varea("volume", "low", "high", source=self._curve, color=BLUE, alpha=0.2)
        plot.line("volume", "mean", source=self._curve, color=BLUE, line_width=2)
        dots = plot.scatter(
            "volume", "energy", source=self._points, color=ORANGE, marker="diamond", size=10, alpha=0.9
        )
        tips = [("volume", "@volume{0.00} Å³/atom"), ("reference", "@energy{0.000} eV/atom")]
        plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
        self.figure = plot

    def update(self, series: EnergyVolume) -> None:
        """Show this series."""
        self._points.data, self._curve.data = data(series)
