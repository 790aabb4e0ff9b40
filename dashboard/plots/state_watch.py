"""What trajectories did in a model: a signal against time, each jump a dot."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import HoverTool

from dashboard.plots.frame import empty_source, frame, key_html, series_color
from dashboard.theme import SERIES
from engine.store import Watched

ORANGE, GREY = SERIES[1], SERIES[5]
SIGNALS = {
    "displacement": "largest displacement (Å)",
    "uncertainty": "u (eV/Å)",
    "anharmonicity": "σᴬ",
}
"""What stands at the axis of each signal."""
_PS = 1e-3  # a fs

Columns = dict[str, Any]


def data(watched: Watched, signal: str) -> tuple[Columns, Columns]:
    """Lines, one a trajectory, and dots, one a jump; times in ps.

    `xs` and `ys` hold an array for each line, with its `number` from 1 and its `color`; dots have `time`,
    `value` and the `number` of their trajectory.
    """
    step = watched.frame_time * _PS
    there = [(k, one[signal]) for k, one in enumerate(watched.signals) if signal in one]
    lines = {
        "xs": [step * np.arange(1, len(values) + 1) for _, values in there],
        "ys": [values for _, values in there],
        "number": [k + 1 for k, _ in there],
        "color": [series_color(k) for k, _ in there],
    }
    dots = [
        (step * (at + 1), float(values[at]), k + 1)
        for k, values in there
        for at in watched.jumps[k]
        if at < len(values)
    ]
    columns = np.array(dots, dtype=float).reshape(-1, 3).T
    return lines, dict(zip(("time", "value", "number"), columns, strict=True))


def words(watched: Watched) -> str:
    """How long a model was watched, and how often it jumped."""
    if watched.trouble:
        return ""
    n = max((len(values) for one in watched.signals for values in one.values()), default=0)
    jumped, states = sum(map(len, watched.jumps)), sum(stay.visits for stay in watched.stays.values())
    known = f"; visits to states that earlier models came into: {states}" if watched.stays else ""
    return (
        f"<b>{watched.model_id}</b>: {len(watched.signals)} trajectories of "
        f"{n * watched.frame_time * _PS:.2f} ps, {jumped} jumps{known}."
    )


def key() -> str:
    """What is drawn."""
    return key_html([("line", GREY, "a trajectory each"), ("dot", ORANGE, "a jump")])


class SignalCurves:
    """One figure; `show` draws a signal of a model's trajectories."""

    def __init__(self) -> None:
        self._lines, self._dots = (
            empty_source("xs", "ys", "number", "color"),
            empty_source("time", "value", "number"),
        )
        self.figure = frame("time (ps)", SIGNALS["displacement"], 230)
        lines = self.figure.multi_line(
            "xs", "ys", source=self._lines, line_color="color", line_width=1.3, line_alpha=0.85
        )
        self.figure.scatter("time", "value", source=self._dots, color=ORANGE, size=9)
        self.figure.add_tools(HoverTool(renderers=[lines], tooltips=[("trajectory", "@number")]))

    def show(self, watched: Watched, signal: str) -> None:
        """Draw it."""
        self._lines.data, self._dots.data = data(watched, signal)
        self.figure.yaxis[0].axis_label = SIGNALS[signal]
