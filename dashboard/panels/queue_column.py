"""Review's left column: what waits as cards, with search and filters above."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import param

from dashboard.card_costs import CardCosts
from dashboard.cards import card_of
from dashboard.panels.queue_bar import QueueBar
from dashboard.panels.queue_list import QueueList
from dashboard.queue_view import window
from dashboard.session import Session
from engine.core import Campaign, Candidate
from engine.store import Store

EMPTY = "Nothing waits for you.\nCandidates appear here as the search finds them."
NONE_SHOWN = "None of {} is shown.\nAnother search, or Esc, shows them again."


class QueueColumn:
    """The queue of one session; `draw` brings it up to date.

    Parameters
    ----------
    session : whose candidate and marks follow the cards
    picture : the ``data:`` address of a candidate's picture

    Attributes
    ----------
    bar : search and filters
    cards : what is drawn of the queue
    """

    def __init__(self, session: Session, picture: Callable[[str], str]) -> None:
        self._session = session
        self.bar = QueueBar(session)
        self.cards = QueueList(picture, empty=EMPTY, sizing_mode="stretch_both", min_height=210)
        self.cards.param.watch(self._clicked, "selected")
        self.cards.param.watch(lambda event: setattr(session, "marked", event.new), "marked")
        self._costs = CardCosts()
        self._first = 0

    def draw(self, snapshot: Campaign, store: Store, warnings: Mapping[str, str]) -> None:
        """Show the session's queue; `warnings` says of some candidates why a veto is likely."""
        session, cards = self._session, self.cards
        self.bar.draw()
        with param.parameterized.batch_call_watchers(cards):
            beaten, queue = self._beaten(snapshot), session.queue
            drawn = [*beaten, *self._in_view(queue, max(0, cards.limit - len(beaten)))]
            costs, beaten_ids = self._costs.words(snapshot, store, drawn), {c.id for c in beaten}
            cards.show(
                [
                    card_of(
                        c,
                        session.now,
                        costs.get(c.id, ""),
                        likely=c.id in warnings,
                        conflict=c.id in session.conflicts,
                        beaten=c.id in beaten_ids,
                    )
                    for c in drawn
                ]
            )
            cards.total = len(queue) + len(beaten)
            hidden = len(session.waiting) - len(queue)
            cards.empty = NONE_SHOWN.format(f"{hidden} that wait") if hidden else EMPTY
            cards.marked = list(session.marked)
        cards.selected = session.candidate if session.candidate in {c.id for c in drawn} else None

    def clear(self) -> None:
        """Show nothing."""
        self.cards.show([])

    def _beaten(self, snapshot: Campaign) -> list[Candidate]:
        """Candidates that somebody else decided first, until the session knows."""
        there = {candidate.id for candidate in self._session.waiting}
        decided = [snapshot.candidates[c] for c in self._session.conflicts if c in snapshot.candidates]
        return [candidate for candidate in decided if candidate.id not in there]

    def _in_view(self, queue: list[Candidate], room: int) -> list[Candidate]:
        """As many of the queue as there is room for, around the candidate on the screen."""
        place = next((k for k, c in enumerate(queue) if c.id == self._session.candidate), None)
        self._first = window(self._first, place, room, len(queue))
        return queue[self._first : self._first + room]

    def _clicked(self, event: Any) -> None:
        if event.new and event.new != self._session.candidate:
            self._session.candidate = event.new
