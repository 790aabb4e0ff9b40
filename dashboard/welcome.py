"""The tour: it comes by itself once to each person, where there is something to point at."""

from __future__ import annotations

from dashboard.appearance import Appearance
from dashboard.panels.tour import Tour
from dashboard.session import Session


class Welcome:
    """One tab's tour; `draw` follows the page, `begin` shows it to whoever asks."""

    def __init__(self, session: Session, appearance: Appearance) -> None:
        self._session = session
        self._appearance = appearance
        self.tour = Tour()

    def draw(self) -> None:
        """Show it if this is a first visit; take it away with the page that it speaks of."""
        session = self._session
        here = session.page == "review"
        if self.tour.step and not here:
            self.tour.step = 0
        first = here and not self._appearance.preferences.toured
        if first and session.waiting and session.may("curate"):  # which nobody may in a replay
            self.begin()

    def begin(self) -> None:
        """Show it on the page Review, from its first card on."""
        self._appearance.remember(toured=True)
        self._session.page = "review"
        self.tour.step = 1
