"""What all figures of one kind share: an empty frame with its axes, and a key beside it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from dashboard.theme import SERIES

Mark = tuple[str, str, str]
"""Shape (a class of markup.css), colour and words."""
REACH = 24  # px from a click to the point it means


def frame(across: str, up: str, height: int, **options: Any) -> Any:
    """A figure without data; both axes name their unit."""
    plot = figure(height=height, sizing_mode="stretch_width", toolbar_location=None, tools="", **options)
    plot.xaxis.axis_label, plot.yaxis.axis_label = across, up
    return plot


def nearest(plot: Any, event: Any, across: Any, up: Any, *, log: bool = False) -> int | None:
    """Which of these points a click means, in pixels of the figure; None if it is far from all.

    `log`: whether the figure's vertical axis is logarithmic.
    """
    if not len(across) or event.x is None:
        return None
    upright = np.log10 if log else np.asarray
    sides = [
        (np.asarray, plot.x_range, plot.inner_width or 600, event.x, across),
        (upright, plot.y_range, plot.inner_height or 300, event.y, up),
    ]
    far = sum(
        ((scale(np.asarray(values, dtype=float)) - scale(at)) / (scale(r.end) - scale(r.start)) * pixels) ** 2
        for scale, r, pixels, at, values in sides
    )
    far = np.where(np.isfinite(far), far, np.inf)
    closest = int(np.argmin(far))
    return closest if far[closest] <= REACH**2 else None


def key_html(marks: Iterable[Mark]) -> str:
    """The key of a figure; its look stands in markup.css."""
    return "".join(
        f'<span><i class="{shape}" style="color:{color}"></i>{escape(words)}</span>'
        for shape, color, words in marks
    )


def series_color(k: int) -> str:
    """Colour of the k-th line; after the last one they begin again."""
    return SERIES[k % len(SERIES)]


def empty_source(*names: str) -> ColumnDataSource:
    """A source whose columns have no row yet."""
    return ColumnDataSource({name: [] for name in names})
