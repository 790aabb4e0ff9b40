"""Named points at which a test makes this process kill itself.

``DELTADESK_CRASH=NAME:n`` sends SIGKILL to the process when it reaches point NAME for the n-th time.
Names are ``after:KIND`` and ``inside:KIND`` for every kind of event (once it is durable; in the middle of
the database write), and the points that the loop passes (``before-start``, ``after-start``, ``collected``).
"""

from __future__ import annotations

import os
import signal
from collections import Counter

VARIABLE = "DELTADESK_CRASH"

_passed: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """Die here if the environment asks for it."""
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    point, _, count = wanted.rpartition(":")
    _passed[name] += 1
    if name == point and _passed[name] == int(count):
        os.kill(os.getpid(), signal.SIGKILL)
