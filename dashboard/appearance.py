"""Light, dark or as the system, for a desk or for a wall: what a page starts with, and what is remembered."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import panel as pn

from dashboard import preferences
from dashboard.people import Person
from dashboard.preferences import Preferences


class Appearance:
    """The theme of one tab's page.

    Parameters
    ----------
    person : whose preferences they are
    asked : ``light`` or ``dark`` from the page's address, which is shown and not remembered
    class_asked : ``1`` or ``0`` from the page's address, likewise

    Attributes
    ----------
    class_mode : whether the page has type for a wall; a page keeps what it began with
    """

    def __init__(self, person: Person, asked: str = "", class_asked: str = "") -> None:
        self._person = person
        self._asked = asked if asked in ("light", "dark") else ""
        self._page: Any = None
        self.preferences: Preferences = preferences.load(person)
        self.class_mode: bool = (
            class_asked == "1" if class_asked in ("0", "1") else self.preferences.class_mode
        )

    @property
    def dark(self) -> bool:
        """Whether the page is dark now, before anybody presses anything."""
        return self._asked == "dark" if self._asked else self.preferences.dark

    def attach(self, page: Any) -> None:
        """Follow a page's own toggle."""
        self._page = page
        page.param.watch(lambda event: self._toggled(event.new), "dark_theme")

    def choose(self, theme: str) -> None:
        """Take a theme and remember it."""
        self._asked = ""
        self.preferences = preferences.change(self._person, theme=theme)
        self._show()

    def system_said(self, dark: bool) -> None:
        """Remember what the browser prefers, and follow it if that was chosen."""
        if dark != self.preferences.system_dark:
            self.preferences = preferences.change(self._person, system_dark=dark)
        self._show()

    def remember(self, **fields: object) -> None:
        """Keep another preference of the same person."""
        self.preferences = preferences.change(self._person, **fields)

    def choose_class(self, on: bool) -> None:
        """Take another size of type, remember it, and have the page made anew."""
        self.preferences = preferences.change(self._person, class_mode=on)
        location = pn.state.location
        if location is not None:
            kept = {key: value for key, value in location.query_params.items() if key != "class"}
            location.search = f"?{urlencode(kept)}" if kept else ""
            location.reload = True

    def _show(self) -> None:
        if self._page is not None and self._page.dark_theme != self.dark:
            self._page.dark_theme = self.dark

    def _toggled(self, dark: bool) -> None:
        if dark != self.dark:
            self.choose("dark" if dark else "light")
