"""Text and numbers as HTML that we wrote, with everything that anybody typed escaped."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import Any

import panel as pn

from dashboard.theme import SHELL_CSS

RULES = files("dashboard.panels").joinpath("markup.css").read_text()


class Markup(pn.viewable.Viewer):
    """A piece of HTML in the page's colours; an unchanged text is not sent again.

    Parameters
    ----------
    hook : CSS class of the element that holds the text; its rules stand in ``markup.css``
    live : whether a screen reader is told of changes
    """

    def __init__(self, hook: str, *, live: bool = False, **params: Any) -> None:
        super().__init__()
        self._open = f'<div class="{hook}"' + (' aria-live="polite">' if live else ">")
        self._pane = pn.pane.HTML(
            f"{self._open}</div>", stylesheets=[SHELL_CSS, RULES], **{"margin": 0, **params}
        )

    def show(self, html: str) -> None:
        """Show this text; use `e` on whatever was not written in this program."""
        text = f"{self._open}{html}</div>"
        if self._pane.object != text:
            self._pane.object = text

    def __panel__(self) -> Any:
        return self._pane


def e(value: object) -> str:
    """Text that is safe inside HTML."""
    return escape(str(value))


def chip(words: object, tone: str) -> str:
    """A small coloured word."""
    return f'<span class="dd-chip" data-tone="{e(tone)}">{e(words)}</span>'
