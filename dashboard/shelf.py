"""The pages of one tab: made when first shown, and kept while they hold something of the person's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dashboard import tidying
from dashboard.appearance import Appearance
from dashboard.pages.audit import Audit
from dashboard.pages.data import Data
from dashboard.pages.landscape import Landscape
from dashboard.pages.live import Live
from dashboard.pages.new import New
from dashboard.pages.review import Review
from dashboard.pages.runs import Runs
from dashboard.pages.settings import Settings
from dashboard.session import Session

MAKERS: dict[str, Callable[[Session, Appearance], Any]] = {
    "runs": lambda session, _: Runs(session),
    "new": lambda session, _: New(session),
    "live": lambda session, appearance: Live(session, appearance.dark),
    "review": lambda session, _: Review(session),
    "landscape": lambda session, appearance: Landscape(session, appearance.dark),
    "data": Data,
    "audit": lambda session, _: Audit(session),
    "settings": Settings,
}
"""How each page is made."""
OF_NO_CAMPAIGN = frozenset({"runs", "new"})
KEPT = frozenset({"review"})
"""Pages that stay when they were only looked at; all others are made anew in a tenth of a second or two."""


class Shelf:
    """What a tab has made.

    Parameters
    ----------
    session, appearance : of the tab
    show_tour : what Settings' button does

    Attributes
    ----------
    made : pages that are there, by name
    """

    def __init__(self, session: Session, appearance: Appearance, show_tour: Callable[[], None]) -> None:
        self.made: dict[str, Any] = {}
        self._session = session
        self._appearance = appearance
        self._show_tour = show_tour
        self._used: set[str] = set()

    def shown(self) -> Any:
        """The page on the screen."""
        name = self._session.page
        if name not in self.made:
            tidying.make_room()
            page = MAKERS[name](self._session, self._appearance)
            for component in getattr(page, "components", []):
                component.dark = self._appearance.dark
            if isinstance(page, Settings):
                page.show_tour = self._show_tour
            self.made[name] = page
        return self.made[name]

    def use(self) -> None:
        """Remember that the page on the screen was not only looked at: something may be chosen or zoomed."""
        self._used.add(self._session.page)

    def let_go(self) -> None:
        """Keep no page that was left and holds nothing of the person's: they are most of a session's memory.

        One that stays may `rest`.
        """
        left = {name: page for name, page in self.made.items() if name != self._session.page}
        for name, page in left.items():
            if getattr(page, "untouched", name not in KEPT | self._used):
                del self.made[name]
                tidying.soon()
            elif hasattr(page, "rest"):
                page.rest()

    def leave_campaign(self) -> None:
        """Keep no page of a campaign: another one has candidates of the same names."""
        self.clear(OF_NO_CAMPAIGN)

    def clear(self, but: frozenset[str] = frozenset()) -> None:
        """Keep none."""
        kept = {name: page for name, page in self.made.items() if name in but}
        is_less, self.made = len(kept) < len(self.made), kept
        self._used &= but
        if is_less:
            tidying.soon()

    @property
    def components(self) -> Iterator[Any]:
        """All that has to be told when the theme changes."""
        return (c for page in self.made.values() for c in getattr(page, "components", []))
