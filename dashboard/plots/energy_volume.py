"""Energy against volume: labels, the reference's own curve, a committee's mean and spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.models import HoverTool
from numpy.typing import ArrayLike, NDArray

from dashboard.plots.frame import Mark, empty_source, frame, key_html
from dashboard.theme import SERIES
from engine.loop.volumes import Volumes

if TYPE_CHECKING:
    from engine.math import EquationOfState

Arrays = dict[str, NDArray[Any]]

BLUE, ORANGE, GREEN = SERIES[0], SERIES[1], SERIES[2]
KEY: tuple[Mark, ...] = (
    ("ring", GREEN, "labels of a volume series"),
    ("diamond", ORANGE, "reference"),
    ("line", BLUE, "mean of the committee"),
    ("band", BLUE, "± σ of its members"),
)
EMPTY = (
    "Appears with the first label of a volume series, and with the first measurement of what the model gives."
)
NO_FIT = "no equation of state: 5 points about a minimum are needed"


def data(known: Volumes) -> dict[str, Arrays]:
    """Labels, points of the reference and the committee's curve.

    Returns
    -------
    `labels` and `reference` : `volume` (Å³/atom), `energy` (eV/atom)
    `curve` : `volume`, `mean`, `low`, `high` (eV/atom, mean ± σ with K − 1)
    """
    none = np.empty(0)
    reference = {"volume": none, "energy": none}
    if known.reference is not None:
        reference = {"volume": known.reference.volumes, "energy": known.reference.energies[0]}
    curve = dict.fromkeys(("volume", "mean", "low", "high"), none)
    if known.members is not None:
        energies = known.members.energies
        mean, std = energies.mean(axis=0), np.zeros(energies.shape[1])
        if len(energies) > 1:
            std = energies.std(axis=0, ddof=1)
        curve = {"volume": known.members.volumes, "mean": mean, "low": mean - std, "high": mean + std}
    return {
        "labels": {"volume": known.volume, "energy": known.energy},
        "reference": reference,
        "curve": curve,
    }


def words(known: Volumes | None) -> str:
    """Birch–Murnaghan's numbers within 10 % of the minimum: errors of the fit, σ of the members."""
    if known is None or not (len(known.volume) or known.reference or known.members):
        return EMPTY
    lines = []
    if len(known.volume):
        lines.append(f"{len(known.volume)} labels: {_one(known.of_labels)}")
    if known.reference is not None:
        lines.append(f"Reference: {_one(known.of_reference)}")
    if known.members is not None:
        lines.append(f"{known.members.model_id}: {_several(known.of_members)}")
    return "<br>".join(lines)


def _one(fit: EquationOfState | None) -> str:
    if fit is None:
        return NO_FIT
    return _numbers((fit.volume, fit.bulk_modulus, fit.derivative), fit.errors[1:])


def _several(fits: Sequence[EquationOfState]) -> str:
    if len(fits) < 2:
        return _one(next(iter(fits), None))
    values = np.array([(fit.volume, fit.bulk_modulus, fit.derivative) for fit in fits])
    said = _numbers(values.mean(axis=0), values.std(axis=0, ddof=1))
    return f"{said} (mean and σ of {len(fits)} members)"


def _numbers(values: ArrayLike, errors: ArrayLike) -> str:
    (v, b, d), (dv, db, dd) = np.asarray(values), np.asarray(errors)
    return f"V₀ <b>{v:.2f} ± {dv:.2f} Å³/atom</b>, B₀ <b>{b:.1f} ± {db:.1f} GPa</b>, B₀′ {d:.1f} ± {dd:.1f}"


def key() -> str:
    """The figure's key."""
    return key_html(KEY)


class EnergyVolumeCurve:
    """E–V of labels, reference and committee."""

    def __init__(self) -> None:
        points = {"labels": empty_source("volume", "energy"), "reference": empty_source("volume", "energy")}
        self._sources = {**points, "curve": empty_source("volume", "mean", "low", "high")}
        plot = frame("volume (Å³/atom)", "energy (eV/atom)", 320)
        curve = self._sources["curve"]
        plot.varea("volume", "low", "high", source=curve, color=BLUE, alpha=0.2)
        plot.line("volume", "mean", source=curve, color=BLUE, line_width=2)
        looks: dict[str, dict[str, Any]] = {
            "labels": {
                "marker": "circle",
                "size": 7,
                "fill_color": None,
                "line_color": GREEN,
                "line_width": 1.5,
            },
            "reference": {"marker": "diamond", "size": 10, "color": ORANGE},
        }
        for name, look in looks.items():
            dots = plot.scatter("volume", "energy", source=points[name], **look)
            tips = [("volume", "@volume{0.00} Å³/atom"), (name, "@energy{0.000} eV/atom")]
            plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
        self.figure = plot

    def update(self, known: Volumes) -> None:
        """Show what is known."""
        found = data(known)
        for name, source in self._sources.items():
            source.data = found[name]
