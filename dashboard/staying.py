"""Whether a tab that is open may stay so: its person may still look, and the sign-in still counts."""

from __future__ import annotations

import time

from dashboard import people
from dashboard.session import Session

PATIENCE = 3.0  # s: a file that is being saved is empty, or gone, for a moment
SIGN_IN = "Your sign-in has ended: load this page again."


class Staying:
    """Ask it now and then `is_over`; `problem` is why, where that is not the person's role."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._out_since: float | None = None
        self.problem = ""

    def is_over(self) -> bool:
        """Whether the tab has to be locked now."""
        if not self._session.signed_in():
            self.problem = SIGN_IN
            return True
        role, self.problem = people.standing(self._session.person)
        if role != "none":
            self._out_since = None
            return False
        now = time.monotonic()
        if self._out_since is None:
            self._out_since = now
        return now - self._out_since >= PATIENCE
