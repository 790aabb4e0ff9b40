"""Violins: how each descriptor is spread in groups of structures, and how far apart the groups are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from bokeh.models import FixedTicker, HoverTool, LinearAxis, Range1d
from numpy.typing import NDArray

from dashboard.plots.frame import empty_source, frame, key_html, series_color

Arrays = dict[str, NDArray[Any]]

MOST = 40  # violins drawn: those in which the groups are farthest apart
REACH = 4.0  # standard deviations on either side
ROW = 26  # px
EMPTY = "Appears with the first described structures: how each descriptor is spread in each group of them."


@dataclass(frozen=True, eq=False)
class DescriptorViolins:
    """Descriptors of groups of structures.

    Attributes
    ----------
    names : d descriptors
    groups : by name (n, d), in standard deviations of a reference set (`engine.math.FeatureScale`)
    distances : (d,) Wasserstein distance between the first group and the one farthest from it, in the same
    dead : (d,) descriptors that never move; they are counted, not drawn
    """

    names: tuple[str, ...]
    groups: Mapping[str, NDArray[np.float64]]
    distances: NDArray[np.float64]
    dead: NDArray[np.bool_]


def data(violins: DescriptorViolins) -> tuple[Arrays, Arrays]:
    """Rows that are drawn, and the outlines in them.

    Two groups share a violin, the first above and the second below; more lie over one another.

    Returns
    -------
    rows : `name`, `distance` (σ of the reference) and `row` (0 is the lowest), in the descriptors' order
    outlines : `xs` (σ), `ys` (rows), `group`, `color`, `name`, `distance`; one row a patch
    """
    if not violins.groups:
        columns = ("xs", "ys", "group", "color", "name", "distance")
        return _empty("name", "distance", "row"), _empty(*columns)
    apart = violins.distances
    alive = np.flatnonzero(~violins.dead)
    shown = np.sort(alive[np.argsort(-apart[alive], kind="stable")[:MOST]])
    rows = {
        "name": np.array(violins.names, dtype=object)[shown],
        "distance": apart[shown],
        "row": np.arange(len(shown))[::-1],
    }
    return rows, _outlines(violins, rows, shown)


def _outlines(violins: DescriptorViolins, rows: Arrays, shown: NDArray[np.int64]) -> Arrays:
    from engine.math import violin

    grid = np.linspace(-REACH, REACH, 121)
    found: list[tuple[Any, ...]] = []
    split = len(violins.groups) == 2
    for name, row, distance, column in zip(rows["name"], rows["row"], rows["distance"], shown, strict=True):
        for k, (group, features) in enumerate(violins.groups.items()):
            outline = violin(features[:, column], grid)
            half = 0.46 * outline / (outline.max() or 1.0)
            up = half * (not split or k == 0)
            down = half * (not split or k == 1)
            ys = np.concatenate([row + up, (row - down)[::-1]])
            found.append((np.concatenate([grid, grid[::-1]]), ys, group, series_color(k), name, distance))
    columns = zip(("xs", "ys", "group", "color", "name", "distance"), zip(*found, strict=True), strict=True)
    return {name: _objects(values) for name, values in columns}


def key(violins: DescriptorViolins) -> str:
    """The groups and their colours."""
    return key_html(
        ("band", series_color(k), f"{group}, {len(features):,} rows")
        for k, (group, features) in enumerate(violins.groups.items())
    )


def words(violins: DescriptorViolins) -> str:
    """What violins hide: in how many directions each group spreads, and what never moves."""
    from engine.math import principal_component_count

    if not violins.groups:
        return EMPTY
    spread = "; ".join(
        f"{escape(group)}: {principal_component_count(x, 0.95)} (95 %), {principal_component_count(x, 0.99)} "
        "(99 %)"
        for group, x in violins.groups.items()
    )
    drawn = min(MOST, int((~violins.dead).sum()))
    return (
        f"Principal components that hold the variance of {spread}. {drawn} of {len(violins.names)} "
        f"descriptors drawn; {int(violins.dead.sum())} never move. W: Wasserstein distance, in σ of the "
        "reference."
    )


class Violins:
    """One row a descriptor."""

    def __init__(self) -> None:
        self._source = empty_source("xs", "ys", "group", "color", "name", "distance")
        self._middle = empty_source("row", "start", "end")
        plot = frame("descriptor (σ of the reference set)", "", 120)
        plot.x_range, plot.y_range = Range1d(-REACH, REACH), Range1d(-0.6, 0.6)
        self._distances = LinearAxis(minor_tick_line_color=None)
        plot.add_layout(self._distances, "right")
        plot.ygrid.visible = False
        plot.segment("start", "row", "end", "row", source=self._middle, color=series_color(5), alpha=0.3)
        shapes = plot.patches(
            "xs", "ys", source=self._source, color="color", fill_alpha=0.25, line_width=1.2, line_alpha=0.9
        )
        tips = [("descriptor", "@name"), ("group", "@group"), ("W", "@distance{0.00} σ")]
        plot.add_tools(HoverTool(renderers=[shapes], tooltips=tips))
        self.figure = plot

    def update(self, violins: DescriptorViolins) -> None:
        """Show these groups; the figure is as high as it has rows."""
        rows, outlines = data(violins)
        n = len(rows["row"])
        self._source.data = outlines
        self._middle.data = {"row": rows["row"], "start": np.full(n, -REACH), "end": np.full(n, REACH)}
        at = rows["row"].tolist()
        labels = {
            self.figure.yaxis[0]: list(rows["name"]),
            self._distances: [f"W {d:.2f}" if len(violins.groups) > 1 else "" for d in rows["distance"]],
        }
        for axis, texts in labels.items():
            axis.ticker = FixedTicker(ticks=at)
            axis.major_label_overrides = dict(zip(at, texts, strict=True))
            axis.major_tick_line_color = None
        self.figure.y_range.update(start=-0.6, end=max(n, 1) - 0.4)
        self.figure.height = ROW * max(n, 1) + 60


def _objects(values: tuple[Any, ...]) -> NDArray[Any]:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _empty(*names: str) -> Arrays:
    return {name: np.empty(0) for name in names}
