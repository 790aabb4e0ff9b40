"""What the walkers of a search came to, step by step: uncertainty with its thresholds, and energy below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.events import Tap
from bokeh.models import BoxAnnotation, HoverTool, LinearAxis, LinearScale, Range1d, Span
from numpy.typing import NDArray

from dashboard.plots.frame import empty_source, frame, key_html, nearest
from dashboard.plots.trajectory import ON_TARGET, Arrays
from dashboard.theme import SERIES
from engine.config import SelectionSettings
from engine.core import BARE_MODEL, Campaign
from engine.store import Walked

STEPS = 200
"""Of a chain, drawn: a person looks at what it does now."""
BLUE, ORANGE, GREY = (SERIES[k] for k in (0, 1, 5))
DRAWN = ("std", "energy")
"""One figure each, from above."""
COLUMNS = ("walker", "step", "std", "energy", "candidate")
ALONE = -1
"""In place of a walker's number where a search has none."""
ENERGIES = {False: "uMLIP energy (eV)", True: "label or energy (eV)"}
"""What the energies are, by whether there is a Δ-model."""


@dataclass(frozen=True)
class Thresholds:
    """Standard deviations (eV): the target accuracy, and the mean of who waited at the last fit, if any."""

    target: float
    queue: float | None


def data(walks: Sequence[Walked], campaign: Campaign) -> Arrays:
    """Columns of what was come to, in turn: `walker` (or `ALONE`), `step`, `std`, `energy`, `candidate`.

    `std` is that of the newest model that looked at it, nan before the first. `energy` is the universal
    potential's before there is a Δ-model, then the label or the corrected energy, nan where there is neither:
    their zeros differ (eV).
    """
    std = np.array([one.energy_std for one in walks], dtype=float)
    energy = [_energy(one, campaign) for one in walks]
    return {
        "walker": np.array([ALONE if one.walker is None else one.walker for one in walks], dtype=int),
        "step": np.array([one.step for one in walks], dtype=int),
        "std": np.where(std > 0, std, np.nan),
        "energy": np.array(energy, dtype=float),
        "candidate": np.array([one.candidate for one in walks], dtype=object),
    }


def _energy(walked: Walked, campaign: Campaign) -> float | None:
    if campaign.model is None:
        return walked.base_energy
    known = campaign.candidates.get(walked.candidate)
    if known is not None and known.label_eV is not None:
        return known.label_eV
    return None if walked.model_id == BARE_MODEL else walked.energy


def thresholds(campaign: Campaign) -> Thresholds:
    """Of the newest model."""
    said: Mapping[str, Any] = campaign.settings.get("selection") or {}  # type: ignore[assignment]
    target = float(said.get("entropy_target", SelectionSettings().entropy_target))
    return Thresholds(target, campaign.model.queue_std_eV if campaign.model else None)


def key(limits: Thresholds | None) -> str:
    """What is drawn; no `limits` where no uncertainty is."""
    marks = [("line", BLUE, "the chosen walker"), ("line", GREY, "the others")]
    if limits is not None:
        marks.append(("dashed", GREY, "target accuracy, shaded: below it"))
        if limits.queue:
            marks.append(("dotted", ORANGE, "mean of who waited at the last fit"))
    return key_html(marks)


def entropy(std: float, target: float) -> float:
    """Gaussian entropy (nats) of an energy whose standard deviation is `std` (eV)."""
    return float(ON_TARGET + np.log(std / target))


class WalkFigures:
    """Two figures over one axis of steps; `show` draws, and a click says which structure was meant.

    The uncertainty stands on a logarithmic axis: on it the entropy, at its right, is a straight one.

    Parameters
    ----------
    on_pick : told walker and candidate
    """

    def __init__(self, on_pick: Callable[[int, str], object]) -> None:
        self._on_pick = on_pick
        self._all = empty_source(*COLUMNS)
        self._others = {name: empty_source("x", "y") for name in DRAWN}
        self._mine = empty_source(*COLUMNS)
        self._now = empty_source(*COLUMNS)
        self._ways: list[Any] = []
        self._band = BoxAnnotation(top=1.0, fill_color=GREY, fill_alpha=0.12, line_color=None)
        self._target = Span(dimension="width", line_color=GREY, line_dash="dashed", line_width=1.2)
        self._queue = Span(dimension="width", line_color=ORANGE, line_dash="dotted", line_width=1.6)
        std = self._figure("std", "σ of the energy (eV)", 210, y_axis_type="log", y_range=Range1d(0.01, 1))
        self._entropy = std.extra_y_ranges["entropy"] = Range1d(0, 1)
        std.extra_y_scales["entropy"] = LinearScale()
        std.add_layout(LinearAxis(y_range_name="entropy", axis_label="its entropy (nats)"), "right")
        for line in (self._band, self._target, self._queue):
            std.add_layout(line)
        energy = self._figure("energy", ENERGIES[False], 200, x_range=std.x_range)
        energy.min_border_right = 62  # so that the steps stand below one another
        self.figures = {"std": std, "energy": energy}

    def show(self, columns: Arrays, walker: int, limits: Thresholds, *, fitted: bool) -> None:
        """Draw all walkers, this one before the others; `fitted`: whether there is a Δ-model."""
        if walker != ALONE:  # what was found alone is on nobody's way
            own = columns["walker"] != ALONE
            columns = {name: values[own] for name, values in columns.items()}
        self._all.data = columns
        mine = columns["walker"] == walker
        self._mine.data = {name: values[mine] for name, values in columns.items()}
        for way in self._ways:
            way.visible = walker != ALONE
        others = [columns["walker"] == k for k in np.unique(columns["walker"][~mine])]
        for name, source in self._others.items():
            source.data = {
                "x": [columns["step"][one] for one in others],
                "y": [columns[name][one] for one in others],
            }
        self.figures["energy"].yaxis[0].axis_label = ENERGIES[fitted]
        self._draw_limits(columns["std"], limits)

    def mark(self, candidate: str) -> None:
        """Put a ring around what the viewer shows."""
        here = self._all.data["candidate"] == candidate
        self._now.data = {name: np.asarray(values)[here] for name, values in self._all.data.items()}

    def _draw_limits(self, std: NDArray[np.float64], limits: Thresholds) -> None:
        known = [*std[np.isfinite(std)], limits.target, *([limits.queue] if limits.queue else [])]
        low, high = 0.8 * min(known), 1.25 * max(known)
        self.figures["std"].y_range.update(start=low, end=high)
        self._entropy.update(start=entropy(low, limits.target), end=entropy(high, limits.target))
        self._band.top = self._target.location = limits.target
        self._queue.update(visible=bool(limits.queue), location=limits.queue or limits.target)

    def _figure(self, name: str, label: str, height: int, **options: Any) -> Any:
        last = name == "energy"
        plot = frame("step of the search" if last else "", label, height, **options)
        plot.name = f"walks-{name}"
        plot.xaxis.visible = last
        plot.min_border_left = 76
        plot.multi_line("x", "y", source=self._others[name], color=GREY, alpha=0.55, line_width=1)
        self._ways.append(plot.line("step", name, source=self._mine, color=BLUE, line_width=2))
        dots = plot.scatter("step", name, source=self._mine, color=BLUE, size=6)
        plot.scatter(
            "step", name, source=self._now, size=14, fill_color=None, line_color=ORANGE, line_width=2
        )
        tips = [
            ("candidate", "@candidate"),
            ("step", "@step"),
            ("σ", "@std{0.000} eV"),
            ("energy", "@energy{0.000} eV"),
        ]
        plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
        plot.on_event(Tap, lambda event: self._tapped(name, event))
        return plot

    def _tapped(self, name: str, event: Any) -> None:
        data = self._all.data
        at = nearest(self.figures[name], event, data["step"], data[name], log=name == "std")
        if at is not None:
            self._on_pick(int(data["walker"][at]), str(data["candidate"][at]))
