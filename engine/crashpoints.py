"""Named points at which a test makes this process kill itself.

``DELTADESK_CRASH=NAME:n`` sends SIGKILL to the process when it reaches point NAME for the n-th time.
``DELTADESK_CRASH_TRACE=FILE`` makes it write down the name of each point that it passes, which is how a
test learns of all of them. Names are ``after:KIND`` and ``inside:KIND`` for every kind of event (once it is
durable; in the middle of the database write), and those of the steps of a reference calculation.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

VARIABLE = "DELTADESK_CRASH"
TRACE = "DELTADESK_CRASH_TRACE"

_passed: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """Die here if the environment asks for it."""
    trace = os.environ.get(TRACE)
    if trace:
        with Path(trace).open("a") as file:
            file.write(name + "\n")
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    point, _, count = wanted.rpartition(":")
    _passed[name] += 1
    if name == point and _passed[name] == int(count):
        os.kill(os.getpid(), signal.SIGKILL)
