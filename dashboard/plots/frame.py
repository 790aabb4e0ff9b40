"""What all figures of one kind share: an empty frame with its axes, and a key beside it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from dashboard.theme import SERIES

Mark = tuple[str, str, str]
"""Shape (a class of markup.css), colour and words."""


def frame(across: str, up: str, height: int, **options: Any) -> Any:
    """A figure without data; both axes name their unit."""
    plot = figure(height=height, sizing_mode="stretch_width", toolbar_location=None, tools="", **options)
    plot.xaxis.axis_label, plot.yaxis.axis_label = across, up
    return plot


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
