"""A figure on a page: its title, its key, the drawing, and what it says in words."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import panel as pn

from dashboard.panels.markup import Markup
from dashboard.theme import NARROW_CSS, STACK_CSS, style_figure

WIDTH = "min(300px, 100%)"
"""Least width of a figure, in CSS: Panel would add those of a row up, and keep the sum on a narrow page."""


class FigurePanel:
    """One figure; `show` says what stands under it, and whether there is anything to draw.

    Parameters
    ----------
    title : HTML of ours
    figure : a Bokeh figure
    dark : how it is styled before the page's theme reaches it
    key : HTML of ours
    above : what stands between title and key
    """

    def __init__(self, title: str, figure: Any, *above: Any, dark: bool, key: str = "") -> None:
        self._pane = pn.pane.Bokeh(style_figure(figure, dark), sizing_mode="stretch_width")
        self._key = Markup("dd-key", sizing_mode="stretch_width", margin=(2, 0, 4, 0))
        self._legend = key
        self._title, self._figure = plain(title), figure
        self._words = Markup("dd-hint", sizing_mode="stretch_width", margin=(2, 0, 0, 0))
        self.view = pn.Column(
            heading(title),
            *above,
            self._key,
            self._pane,
            self._words,
            sizing_mode="stretch_width",
            styles={"min-width": WIDTH},
            margin=(0, 0, 22, 0),
        )

    def show(self, words: str, *, drawn: bool = True, key: str | None = None) -> None:
        """Say `words` (HTML of ours) under the figure, which is shown if there is something `drawn`."""
        if key is not None:
            self._legend = key
        self._words.show(words)
        said = f"{self._title}. {plain(words)}"
        if self._figure.html_attributes.get("aria-label") != said:
            self._figure.html_attributes = {"role": "figure", "aria-label": said}
        show_figure(self._pane, drawn)
        self._key.show(self._legend if drawn else "")


def show_figure(pane: pn.pane.Bokeh, drawn: bool) -> None:
    """Show a figure, or hide it: a pane that is to be shown again takes "hidden" back from its figure."""
    pane.object.visible = drawn
    pane.visible = drawn


def plain(html: str) -> str:
    """HTML of ours without its tags, for who listens."""
    return unescape(re.sub(r"<[^>]+>", " ", html)).strip()


def heading(title: str) -> Markup:
    """A heading above a part of a page."""
    head = Markup("dd-words")
    head.show(f"<h2>{title}</h2>")
    return head


def side_by_side(*panels: Any) -> Any:
    """Panels in a row; one below the other where there is no room."""
    return pn.Row(
        *panels, sizing_mode="stretch_width", stylesheets=[NARROW_CSS, STACK_CSS], styles={"gap": "24px"}
    )
