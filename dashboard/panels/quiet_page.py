"""A page that hears only of its own session."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
from panel.util import edit_readonly

from dashboard.material import page_options
from dashboard.wall import THEMED


def quiet_page(*, dark: bool = False, class_mode: bool = False, **content: Any) -> pmui.Page:
    """A `panel_material_ui.Page` in our colours.

    Panel's tells every open page, twice, of each callback of every session, for a busy sign that ours does
    not have: with twenty people this fills the server. Its listener also keeps a closed page in memory.
    """
    before = _listeners()
    page = pmui.Page(**page_options(dark, class_mode), **content)
    if class_mode:
        _leave_alone(page, THEMED)
    with edit_readonly(page):
        page.busy = False
    for listener in _listeners():
        if not any(listener is known for known in before):
            pn.state.param.unwatch(listener)
    return page


def _leave_alone(page: pmui.Page, types: list[str]) -> None:
    """Have the browser not restyle Bokeh models of these types, which it learns from Bokeh's theme alone."""
    get_root = page.get_root

    def told(*args: Any, **options: Any) -> Any:
        root = get_root(*args, **options)
        root.data._custom_theme = types
        return root

    page.get_root = told


def _listeners() -> list[Any]:
    """Who is told whether the server is busy."""
    return list(pn.state.param.watchers.get("busy", {}).get("value", []))
