"""A campaign's clock: the machine's, but never set back."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Seconds since 1970 as the machine says, and at least as many more than before as have passed.

    Where somebody sets the machine's clock back, this one goes on from where it was, at the right pace, so
    that events keep their order and a hold its length; once the machine's has caught up, that counts again.

    Parameters
    ----------
    wall : the machine's clock (s since 1970)
    passed : a clock that nobody sets (s)
    """

    def __init__(
        self, wall: Callable[[], float] = time.time, passed: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._passed = passed
        self._now = wall()
        self._asked = passed()

    def not_before(self, moment: float) -> None:
        """Go on from `moment` (s since 1970) at the earliest: the last event of an earlier process."""
        self._now = max(self.now(), moment)

    def now(self) -> float:
        """The time (s since 1970)."""
        asked = self._passed()
        self._now = max(self._now + asked - self._asked, self._wall())
        self._asked = asked
        return self._now
