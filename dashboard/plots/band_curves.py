"""Curves with a band each against labels, by name, and a target: what studies of rules are drawn with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from bokeh.models import HoverTool, Span
from numpy.typing import NDArray

from dashboard.plots.frame import empty_source, frame
from dashboard.theme import SERIES

Arrays = dict[str, NDArray[Any]]
FloatArray = NDArray[np.float64]
Looks = Mapping[str, tuple[str, str]]
"""Colour and dash of each line."""

GREY = SERIES[5]


def data(
    labels: NDArray[np.int64], curves: Mapping[str, FloatArray], looks: Looks
) -> tuple[Arrays, dict[str, Arrays]]:
    """Middle curves, and the band of each.

    Parameters
    ----------
    labels : (n,) rising
    curves : by name (3, n) the middle, low and high end of its band, nan where there is none

    Returns
    -------
    lines : `xs`, `ys`, `name`, `color`, `dash`, one row a curve
    bands : by name `label`, `low`, `high`
    """
    lines: Arrays = {
        name: np.empty(len(curves), dtype=object) for name in ("xs", "ys", "name", "color", "dash")
    }
    bands: dict[str, Arrays] = {}
    for k, (name, (middle, low, high)) in enumerate(curves.items()):
        bands[name] = {"label": labels, "low": low, "high": high}
        lines["xs"][k], lines["ys"][k] = labels, middle
        lines["name"][k], (lines["color"][k], lines["dash"][k]) = name, looks[name]
    return lines, bands


class BandCurves:
    """One line and one band each.

    Parameters
    ----------
    up : words of the axis
    height : px
    scale : of the axis
    """

    def __init__(self, up: str, height: int, scale: str = "log") -> None:
        self._lines = empty_source("xs", "ys", "name", "color", "dash")
        self._bands: dict[str, Any] = {}
        plot = frame("labels", up, height, y_axis_type=scale)
        self._target = Span(
            dimension="width", line_color=GREY, line_dash="dotted", line_width=1.5, visible=False
        )
        if scale == "log":
            plot.yaxis.ticker.mantissas = [1, 2, 5]
        plot.add_layout(self._target)
        lines = plot.multi_line("xs", "ys", source=self._lines, color="color", line_dash="dash", line_width=2)
        tips = [("rule", "@name"), ("labels", "$data_x{0}"), (up, "$y")]
        plot.add_tools(HoverTool(renderers=[lines], tooltips=tips))
        self.figure = plot

    def draw(
        self,
        labels: NDArray[np.int64],
        curves: Mapping[str, FloatArray],
        looks: Looks,
        target: float | None = None,
    ) -> None:
        """Show these curves, see `data`."""
        self._lines.data, bands = data(labels, curves, looks)
        self._target.update(visible=target is not None, location=target or 0.0)
        for name in bands:
            if name not in self._bands:
                source = empty_source("label", "low", "high")
                self._bands[name] = self.figure.varea("label", "low", "high", source=source, alpha=0.15)
        for name, band in self._bands.items():
            band.data_source.data = bands.get(name, {"label": [], "low": [], "high": []})
            if name in bands:
                band.glyph.fill_color = looks[name][0]
