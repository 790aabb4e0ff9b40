"""Follow a campaign's log from any process, whoever runs it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from engine.core import AnyCommand, Campaign, Recorded, fold
from engine.store import Store, is_locked
from engine.store.connection import LOCK

LOG_LENGTH = 200  # events kept for the log drawer


class Follower:
    """The newest snapshot of one campaign, shared by all who watch it in this process.

    Attributes
    ----------
    store : for rows: structures, scores, proposals
    campaign : snapshot after the last `refresh`
    log : its newest events
    unread : events that were written and are not in `campaign` yet, as `catch_up` left it
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = self._open(folder)
        self.campaign = Campaign()
        self.log: deque[Recorded] = deque(maxlen=LOG_LENGTH)
        self.unread = 0
        self._lock = threading.Lock()

    def _open(self, folder: Path) -> Store:
        return Store(folder)

    def refresh(self) -> Campaign:
        """Read what was written since the last call and return the newest snapshot."""
        with self._lock:
            self._take(self.store.events(after=self.campaign.seq))
            return self.campaign

    def catch_up(self, at_most: int) -> Campaign | None:
        """Read so many events at most: the newest snapshot, or None while others are `unread`.

        Who must not be kept waiting reads a long log in pieces.
        """
        with self._lock:
            after = self.campaign.seq
            self._take(self.store.events(after=after, up_to=after + at_most))
            last = self.store.last_event() if self.campaign.seq == after + at_most else None
            self.unread = 0 if last is None else last.seq - self.campaign.seq
            return None if self.unread else self.campaign

    def _take(self, news: list[Recorded]) -> None:
        if news:
            self.campaign = fold(news, self.campaign)
            self.log.extend(news)

    def share(self, campaign: Campaign) -> None:
        """Hold this snapshot in place of an equal one: a runner here has folded the same events."""
        with self._lock:
            if campaign.seq == self.campaign.seq:
                self.campaign = campaign

    def since(self, seq: int) -> list[Recorded]:
        """Events after `seq` that the snapshot knows; from the database where the kept ones do not reach."""
        with self._lock:
            if seq < self.campaign.seq and (not self.log or self.log[0].seq > seq + 1):
                return self.store.events(after=seq, up_to=self.campaign.seq)
            return [item for item in self.log if item.seq > seq]

    def post(self, commands: Sequence[AnyCommand]) -> list[str]:
        """Leave wishes in the inbox, all or none; durable on return."""
        return self.store.post_all(commands, time.time())

    @property
    def is_run(self) -> bool:
        """Whether some process runs this campaign now."""
        return is_locked(self.folder / LOCK)

    def close(self) -> None:
        """Close the database."""
        self.store.close()
