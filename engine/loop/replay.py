"""A campaign as it was known at one event after another, for whoever looks back."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from engine.core import Campaign, fold
from engine.errors import CampaignError
from engine.loop.follower import LOG_LENGTH, Follower
from engine.store import PastStore, Store

_KEPT_EVERY = 200  # events between two snapshots that are kept, so that going back is quick


class Replay(Follower):
    """What a `Follower` shows, at a place in the log that is moved by hand.

    Parameters
    ----------
    folder : of the campaign; nothing is written there

    Attributes
    ----------
    events : the whole log, as it was when the replay was opened
    position : how many of its events are shown

    Raises
    ------
    CampaignError
        if nothing ever happened in the campaign
    """

    store: PastStore

    def __init__(self, folder: Path) -> None:
        present = Store(folder)
        self.events = tuple(present.events())
        present.close()
        if not self.events:
            raise CampaignError(
                f"{folder}: nothing happened in this campaign yet, so there is nothing to replay"
            )
        super().__init__(folder)
        self.position = 0
        self._kept: dict[int, Campaign] = {0: Campaign()}

    def _open(self, folder: Path) -> PastStore:
        return PastStore(folder)

    def seek(self, position: int) -> None:
        """Show the campaign after its first `position` events."""
        position = max(0, min(len(self.events), position))
        with self._lock:
            if position < self.position:
                # readers that keep what they read keep it by its store: with another one they begin anew
                self.store.close()
                self.store = PastStore(self.folder)
                self.campaign = self._kept[max(kept for kept in self._kept if kept <= position)]
            while self.campaign.seq < position:
                last = min(position, (self.campaign.seq // _KEPT_EVERY + 1) * _KEPT_EVERY)
                self.campaign = fold(self.events[self.campaign.seq : last], self.campaign)
                if last % _KEPT_EVERY == 0:
                    self._kept[last] = self.campaign
            self.position = position
            self.log = deque(self.events[max(0, position - LOG_LENGTH) : position], maxlen=LOG_LENGTH)
            self.store.look(self.campaign.seq)

    def refresh(self) -> Campaign:
        """Return the snapshot at the position; time does not move it."""
        return self.campaign

    def catch_up(self, at_most: int) -> Campaign:  # noqa: ARG002 - all was read when it was opened
        """Likewise."""
        return self.campaign

    @property
    def is_run(self) -> bool:
        """A replay is run by nobody."""
        return False
