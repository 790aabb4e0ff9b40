"""One tick's writes: events are folded as they are appended, and everything is durable together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from engine.core import Campaign, Event, apply
from engine.store import Store, Transaction


class Writer:
    """Opens the database transaction at the first write of a tick.

    Attributes
    ----------
    campaign : snapshot after the events appended so far
    now : time of this tick, s since 1970
    """

    def __init__(self, store: Store, campaign: Campaign, now: float, stack: ExitStack) -> None:
        self.campaign = campaign
        self.now = now
        self._store = store
        self._stack = stack
        self._transaction: Transaction | None = None

    @property
    def rows(self) -> Transaction:
        """The transaction, for rows that belong to this tick's events."""
        if self._transaction is None:
            self._transaction = self._stack.enter_context(
                self._store.transaction(self.campaign.seq, self.now)
            )
        return self._transaction

    @property
    def wrote(self) -> bool:
        """Whether this tick has written anything."""
        return self._transaction is not None

    def append(self, event: Event, command_id: str | None = None) -> None:
        """Write an event and fold it; one that cannot follow raises, and the whole tick is rolled back."""
        item = self.rows.append(event, command_id)
        self.campaign = apply(self.campaign, item)


@contextmanager
def writing(store: Store, campaign: Campaign, now: float) -> Iterator[Writer]:
    """Give a `Writer`; commit on exit, write nothing if the block raises."""
    with ExitStack() as stack:
        yield Writer(store, campaign, now, stack)
