"""Radial and angular symmetry functions over the distances and angles that the data hold."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import HoverTool, Range1d
from numpy.typing import NDArray

from dashboard.plots.frame import Mark, empty_source, frame, key_html
from dashboard.theme import SERIES
from engine.loop.description import Geometry

Arrays = dict[str, NDArray[Any]]
FloatArray = NDArray[np.float64]

BLUE, ORANGE, GREY = SERIES[0], SERIES[1], SERIES[5]
RADIAL_KEY: tuple[Mark, ...] = (
    ("line", BLUE, "about the atom"),
    ("line", ORANGE, "about a shell"),
    ("band", GREY, "distances in the data"),
)
ANGULAR_KEY: tuple[Mark, ...] = (
    ("line", BLUE, "λ = +1"),
    ("line", ORANGE, "λ = −1"),
    ("band", GREY, "angles in the data"),
)
EMPTY = "Appears with the first structures: which distances and angles the descriptor's functions look at."


def data(shown: Geometry) -> dict[str, Arrays]:
    """Curves and histograms, each as a part of its highest value.

    Returns
    -------
    `radial` and `angular` : `xs` (Å, degrees), `ys`, `color`, `name`, one row a function;
    `distances` and `angles` : `left`, `right` (Å, degrees), `top`, `count`
    """
    from engine.math import angular_curve, radial_curve  # with scipy, for which the first page does not wait

    r, theta = np.linspace(0, shown.r_cut, 181), np.linspace(0, 180, 181)
    radial = [
        (radial_curve(r, eta, shift, r_cut=shown.r_cut), ORANGE if shift else BLUE, f"η {eta:g}, R {shift:g}")
        for eta, shift in shown.g2
    ]
    angular = [
        (
            angular_curve(theta, eta, zeta, sign, r_cut=shown.r_cut, leg=shown.leg),
            BLUE if sign > 0 else ORANGE,
            f"η {eta:g}, ζ {zeta:g}, λ {sign:+g}",
        )
        for eta, zeta, sign in shown.g4
    ]
    return {
        "radial": _curves(r, radial),
        "angular": _curves(theta, angular),
        "distances": _bars(shown.distance_edges, shown.distances),
        "angles": _bars(shown.angle_edges, shown.angles),
    }


def words(shown: Geometry | None) -> str:
    """What is drawn, and over what."""
    if shown is None:
        return EMPTY
    return (
        f"{len(shown.g2)} radial and {len(shown.g4)} angular functions within {shown.r_cut:g} Å; an atom has "
        f"{shown.distances.sum():.1f} neighbours there. Angles: both neighbours {shown.leg:g} Å away."
    )


def keys() -> tuple[str, str]:
    """Keys of the radial and of the angular figure."""
    return key_html(RADIAL_KEY), key_html(ANGULAR_KEY)


class SymmetryFunctionsOverData:
    """Two figures: functions of distance, functions of angle."""

    def __init__(self) -> None:
        self._curves = {name: empty_source("xs", "ys", "color", "name") for name in ("radial", "angular")}
        self._bars = {name: empty_source("left", "right", "top", "count") for name in ("distances", "angles")}
        self.radial = self._draw("distance r (Å)", "radial", "distances", "neighbours of an atom")
        self.angular = self._draw("angle θ (°)", "angular", "angles", "pairs of neighbours")
        self.angular.x_range = Range1d(0, 180)

    def update(self, shown: Geometry) -> None:
        """Show these functions over these data."""
        found = data(shown)
        for name, source in {**self._curves, **self._bars}.items():
            source.data = found[name]

    def _draw(self, across: str, curves: str, bars: str, counted: str) -> Any:
        plot = frame(across, "part of the highest value", 280)
        plot.y_range = Range1d(0, 1.05)
        plot.quad("left", "right", "top", 0, source=self._bars[bars], color=GREY, alpha=0.25, line_color=None)
        lines = plot.multi_line(
            "xs", "ys", source=self._curves[curves], color="color", line_width=1.6, line_alpha=0.75
        )
        plot.add_tools(HoverTool(renderers=[lines], tooltips=[("function", "@name")]))
        hover = HoverTool(renderers=[plot.renderers[0]], tooltips=[(counted, "@count{0.00}")])
        plot.add_tools(hover)
        return plot


def _curves(x: FloatArray, found: list[tuple[FloatArray, str, str]]) -> Arrays:
    columns: Arrays = {name: np.empty(len(found), dtype=object) for name in ("xs", "ys", "color", "name")}
    for k, (curve, color, name) in enumerate(found):
        columns["xs"][k], columns["ys"][k] = x, curve / (curve.max() or 1.0)
        columns["color"][k], columns["name"][k] = color, name.replace("-", "−")
    return columns


def _bars(edges: FloatArray, counts: FloatArray) -> Arrays:
    highest = counts.max(initial=0.0) or 1.0
    return {"left": edges[:-1], "right": edges[1:], "top": counts / highest, "count": counts}
