"""The error of the model against labels, the curve through it, and where it comes down to its target."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import BasicTickFormatter, HoverTool, Span
from numpy.typing import NDArray

from dashboard.plots.frame import Mark, empty_source, frame, key_html
from dashboard.theme import SERIES
from engine.core import Campaign
from engine.loop.forecasting import Foreseen

Arrays = dict[str, NDArray[Any]]

BLUE, GREY = SERIES[0], SERIES[5]
KEY: tuple[Mark, ...] = (
    ("dot", BLUE, "each label by a fit without it"),
    ("line", BLUE, "power law"),
    ("band", BLUE, "90 % band"),
    ("dashed", GREY, "target error"),
)
FEWEST = 5
"""Fits after different numbers of labels that a curve takes (`engine.math.learning_curve.FEWEST_POINTS`)."""
EMPTY = "Appears with the first fit whose error on labels held out is known."
NO_CURVE = "The curve and its forecast appear with the fifth such fit."
NO_TARGET = "No target error is set: <b>error</b> under [stop] in campaign.toml ends the campaign there."


def errors(campaign: Campaign) -> Arrays:
    """One row a fit: `label` (how many it knew, imported ones too) and `error` held out (meV/atom)."""
    known = [
        (m.n_train + m.n_imported, 1e3 * m.mae_held_out_atom_eV)
        for m in campaign.models
        if m.mae_held_out_atom_eV
    ]
    fits = [(n, error) for n, error in known if n > 0]
    return {
        "label": np.array([n for n, _ in fits], dtype=int),
        "error": np.array([error for _, error in fits], dtype=float),
    }


def has_curve(found: Arrays) -> bool:
    """Whether there are enough fits for one."""
    return len(set(found["label"].tolist())) >= FEWEST


def words(found: Arrays, foreseen: Foreseen | None, target: float) -> str:
    """Where the error stands, and how many more labels its target (meV/atom) takes; HTML."""
    if not len(found["label"]):
        return EMPTY
    said = f"{found['error'][-1]:.3g} meV/atom on labels held out, after {found['label'][-1]}."
    if not has_curve(found):
        return f"{said} {NO_CURVE}"
    if foreseen is None:
        return f"{said} …computing the curve"
    if not target:
        return f"{said} {NO_TARGET}"
    return f"{said} Labels until {target:g} meV/atom: <b>{foreseen.words}</b>."


def key() -> str:
    """The figure's key."""
    return key_html(KEY)


class ErrorForecast:
    """Error on labels held out, with its forecast; both axes are logarithmic."""

    def __init__(self) -> None:
        self._points = empty_source("label", "error")
        self._curve = empty_source("label", "error", "low", "high")
        plot = frame(
            "labels the model was fitted to",
            "error held out (meV/atom)",
            300,
            x_axis_type="log",
            y_axis_type="log",
        )
        for axis in plot.axis:
            axis.ticker.update(mantissas=[1, 2, 5], desired_num_ticks=4)
            axis.formatter = BasicTickFormatter(use_scientific=False)
        self._target = Span(dimension="width", line_color=GREY, line_dash="dashed", line_width=1.5)
        plot.add_layout(self._target)
        # an invisible point, so that the axis holds the target too
        self._end = empty_source("label", "error")
        plot.scatter("label", "error", source=self._end, alpha=0, size=1)
        plot.varea("label", "low", "high", source=self._curve, color=BLUE, alpha=0.15)
        plot.line("label", "error", source=self._curve, color=BLUE, line_width=2)
        dots = plot.scatter("label", "error", source=self._points, color=BLUE, size=8)
        plot.add_tools(
            HoverTool(renderers=[dots], tooltips=[("labels", "@label"), ("error", "@error{0.0} meV/atom")])
        )
        self.figure = plot

    def update(self, found: Arrays, foreseen: Foreseen | None, target: float) -> None:
        """Show these fits, and the curve once there is one."""
        self._points.data = found
        self._target.visible = target > 0
        at = found["label"][:1] if target > 0 else found["label"][:0]
        self._end.data = {"label": at, "error": np.full(len(at), target)}
        if target > 0:
            self._target.location = target
        none: Arrays = dict.fromkeys(("label", "error", "low", "high"), np.empty(0))
        self._curve.data = (
            none
            if foreseen is None
            else {
                "label": foreseen.labels,
                "error": foreseen.error,
                "low": foreseen.low,
                "high": foreseen.high,
            }
        )
