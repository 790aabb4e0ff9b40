"""Light, dark or as the system: what a page starts with, and what is remembered."""

from __future__ import annotations

from typing import Any

from dashboard import preferences
from dashboard.people import Person
from dashboard.preferences import Preferences


class Appearance:
    """The theme of one tab's page.

    Parameters
    ----------
    person : whose preferences they are
    asked : ``light`` or ``dark`` from the page's address, which is shown and not remembered
    """

    def __init__(self, person: Person, asked: str = "") -> None:
        self._person = person
        self._asked = asked if asked in ("light", "dark") else ""
        self._page: Any = None
        self.preferences: Preferences = preferences.load(person)

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

    def _show(self) -> None:
        if self._page is not None and self._page.dark_theme != self.dark:
            self._page.dark_theme = self.dark

    def _toggled(self, dark: bool) -> None:
        if dark != self.dark:
            self.choose("dark" if dark else "light")
