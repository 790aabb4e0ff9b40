"""Entropy of several properties as labels come, corrected for few members, with the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from bokeh.models import HoverTool, Span
from numpy.typing import NDArray

from dashboard.plots.frame import empty_source, frame, key_html, series_color
from dashboard.plots.trajectory import ON_TARGET
from dashboard.theme import SERIES

Arrays = dict[str, NDArray[Any]]
FloatArray = NDArray[np.float64]

GREY = SERIES[5]
N_COLORS = len(SERIES) - 1  # the last one is the target's
MARKERS = (
    ("circle", "dot"),
    ("diamond", "diamond"),
)  # Bokeh's name, the key's
EMPTY = "Appears with the first fit of a committee: how far its members agree on each property."


@dataclass(frozen=True, eq=False)
class PropertyEntropy:
    """Entropy of each property and cycle.

    Attributes
    ----------
    labels : (n,) that each cycle's committee was fitted to
    entropy : by property (n,) nats, `engine.math.gaussian_entropy` at the target accuracy, uncorrected
    n_members : of the committee, at least 2
    """

    labels: NDArray[np.int64]
    entropy: Mapping[str, FloatArray]
    n_members: int


def data(followed: PropertyEntropy) -> tuple[Arrays, Arrays]:
    """Points and lines, corrected for the bias of few members; the bar is the statistical error of one value.

    Returns
    -------
    points : `label` (count, moved a little apart), `labels`, `entropy`, `low`, `high` (nats), `name`,
        `color`, `marker`
    lines : `xs`, `ys`, `name`, `color`
    """
    from engine.math import entropy_bias, entropy_std  # with scipy, for which the first page does not wait

    bias, std = entropy_bias(followed.n_members), entropy_std(followed.n_members)
    n, k = len(followed.labels), len(followed.entropy)
    step = 0.08 * float(np.diff(followed.labels).min()) / max(k, 1) if n > 1 else 0.0
    points: dict[str, list[Any]] = {
        name: [] for name in ("label", "labels", "entropy", "low", "high", "name", "color", "marker")
    }
    lines: dict[str, list[Any]] = {name: [] for name in ("xs", "ys", "name", "color")}
    for place, (name, entropy) in enumerate(followed.entropy.items()):
        corrected = np.asarray(entropy, dtype=float) - bias
        across, color = followed.labels + step * (place - (k - 1) / 2), series_color(place % N_COLORS)
        columns: tuple[Any, ...] = (
            across,
            followed.labels,
            corrected,
            corrected - std,
            corrected + std,
            [name] * n,
            [color] * n,
            [MARKERS[place // N_COLORS % 2][0]] * n,
        )
        for column, values in zip(points, columns, strict=True):
            points[column].extend(values)
        for column, value in zip(lines, (across, corrected, name, color), strict=True):
            lines[column].append(value)
    return {c: np.array(v) for c, v in points.items()}, {c: _objects(v) for c, v in lines.items()}


def key(followed: PropertyEntropy) -> str:
    """Properties and their colours."""
    marks = [
        (MARKERS[k // N_COLORS % 2][1], series_color(k % N_COLORS), name)
        for k, name in enumerate(followed.entropy)
    ]
    return key_html([*marks, ("dashed", GREY, "target accuracy")])


def words(followed: PropertyEntropy) -> str:
    """Which properties are on target, and what the bars are."""
    from engine.math import entropy_bias, entropy_std

    if not len(followed.labels) or not followed.entropy:
        return EMPTY
    bias, std = entropy_bias(followed.n_members), entropy_std(followed.n_members)
    met = ", ".join(name for name, values in followed.entropy.items() if values[-1] - bias <= ON_TARGET)
    return (
        f"On target at {ON_TARGET:.2f} nats: {escape(met) or 'none yet'}. {followed.n_members} "
        f"members: {-bias:.2f} nats were added for their bias, and one value is good to ± {std:.2f}."
    )


class PropertyEntropies:
    """Entropy against labels, one line a property."""

    def __init__(self) -> None:
        self._points = empty_source("label", "labels", "entropy", "low", "high", "name", "color", "marker")
        self._lines = empty_source("xs", "ys", "name", "color")
        plot = frame("labels the committee was fitted to", "entropy (nats)", 300)
        plot.add_layout(
            Span(location=ON_TARGET, dimension="width", line_color=GREY, line_dash="dashed", line_width=1.5)
        )
        plot.segment("label", "low", "label", "high", source=self._points, color="color", alpha=0.45)
        plot.multi_line("xs", "ys", source=self._lines, color="color", line_width=2)
        dots = plot.scatter("label", "entropy", source=self._points, color="color", marker="marker", size=8)
        tips = [("property", "@name"), ("labels", "@labels"), ("entropy", "@entropy{0.00} nats")]
        plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
        # the axis holds the target whatever the values are
        self._target = plot.scatter("label", "entropy", source=empty_source("label", "entropy"), alpha=0)
        self.figure = plot

    def update(self, followed: PropertyEntropy) -> None:
        """Show these cycles."""
        self._points.data, self._lines.data = data(followed)
        at = followed.labels[:1]
        self._target.data_source.data = {"label": at, "entropy": np.full(len(at), ON_TARGET)}


def _objects(values: list[Any]) -> NDArray[Any]:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
