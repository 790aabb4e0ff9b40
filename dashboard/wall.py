"""Figures in class mode: text that a room can read, thicker lines, and colours that follow the theme."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

import panel as pn
from bokeh.models import Plot

from dashboard.theme import style_figure
from dashboard.typography import LEAST

THICKER = 1.7
TALLER = 1.35  # for the names of axes
FEW = 3  # numbers along an axis, or some more
THEMED = ["Axis", "Legend", "Title"]
"""panel-material-ui would set the size of their type back, so it leaves them alone: `Wall` colours them."""


class Wall:
    """Every figure of a tab, enlarged once and coloured at each change of the theme."""

    def __init__(self, dark: bool) -> None:
        self._dark = dark
        self._figures: WeakSet[Any] = WeakSet()

    def hang(self, view: Any) -> None:
        """Enlarge the figures of a page that are new to it."""
        for pane in view.select(pn.pane.Bokeh):
            for figure in pane.object.select({"type": Plot}):
                if figure not in self._figures:
                    self._figures.add(figure)
                    enlarge(style_figure(figure, self._dark))

    def follow(self, dark: bool) -> None:
        """Take the colours of the other theme."""
        self._dark = dark
        for figure in self._figures:
            style_figure(figure, dark)


def enlarge(figure: Any) -> None:
    """Give a figure's text and lines the sizes of class mode; only once, for lines grow by a factor."""
    size = f"{LEAST}px"
    figure.title.text_font_size = size
    if isinstance(figure.height, int):
        figure.height = round(TALLER * figure.height)
    for axis in figure.axis:
        axis.update(major_label_text_font_size=size, axis_label_text_font_size=size)
        if hasattr(axis.ticker, "desired_num_ticks"):
            axis.ticker.desired_num_ticks = FEW
    for legend in figure.legend:
        legend.update(label_text_font_size=size, title_text_font_size=size)
    for model in figure.references():
        width = getattr(model, "line_width", None)
        if isinstance(width, int | float):
            model.line_width = THICKER * width
