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
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = self._open(folder)
        self.campaign = Campaign()
        self.log: deque[Recorded] = deque(maxlen=LOG_LENGTH)
        self._lock = threading.Lock()

    def _open(self, folder: Path) -> Store:
        return Store(folder)

    def refresh(self) -> Campaign:
        """Read what was written since the last call and return the newest snapshot."""
        with self._lock:
            news = self.store.events(after=self.campaign.seq)
            if news:
                self.campaign = fold(news, self.campaign)
                self.log.extend(news)
            return self.campaign

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
