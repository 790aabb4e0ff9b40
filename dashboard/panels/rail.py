"""The rail: the pages of a tab, with the number of candidates that wait, and the keys that lead there."""

from __future__ import annotations

from typing import Any

import panel_material_ui as pmui

from dashboard.session import Session

RAIL = {
    "runs": ("Runs", "view_list"),
    "live": ("Live", "show_chart"),
    "review": ("Review", "rate_review"),
    "landscape": ("Landscape", "scatter_plot"),
    "data": ("Data & model", "insights"),
    "audit": ("Audit", "history"),
    "settings": ("Settings", "settings"),
}
"""Pages of the rail, in their order, with the names of their icons."""
OFF_RAIL = {"new": "New campaign"}
GO = {
    "r": "runs",
    "n": "new",
    "l": "live",
    "v": "review",
    "s": "landscape",
    "d": "data",
    "a": "audit",
    ",": "settings",
}


class Rail:
    """The list for one session; `draw` brings it up to date."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._narrow = True
        self._page: Any = None
        # clicks alone turn the page: a browser may send `active` back as it was told before the click
        self.view = pmui.MenuList(
            items=[],
            css_classes=["dd-rail"],
            dense=True,
            sizing_mode="stretch_width",
            on_click=lambda item: self.go(item["page"]),
        )

    @property
    def title(self) -> str:
        """Of the page on the screen."""
        page = self._session.page
        label = RAIL[page][0] if page in RAIL else OFF_RAIL[page]
        return f"{label} – {self._session.campaign or 'deltadesk'}"

    def stands_in(self, page: Any) -> None:
        """Open and close as there is room beside what this page shows."""
        self._page = page

    def is_narrow(self, narrow: bool) -> None:
        """Take whether there is none."""
        if narrow != self._narrow:
            self._narrow = narrow
            self._page.sidebar_open = not narrow

    def go(self, page: str) -> None:
        """Turn to a page."""
        if page != self._session.page:
            self._session.page = page
        if self._narrow:
            self._page.sidebar_open = False

    def draw(self) -> None:
        """Show how many wait, and which page is on the screen."""
        waiting = len(self._session.waiting)
        items = []
        for page, (label, icon) in RAIL.items():
            count = f" ({waiting})" if page == "review" and waiting else ""
            items.append({"label": f"{label}{count}", "icon": icon, "page": page})
        if items != self.view.items:
            self.view.items = items
        page = self._session.page
        place = (list(RAIL).index(page),) if page in RAIL else None
        if self.view.active != place:
            self.view.active = place
