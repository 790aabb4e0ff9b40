"""Named points at which a test makes this process kill itself.

``DELTADESK_CRASH=NAME:n`` sends SIGKILL to the process when it reaches point NAME for the n-th time.
``DELTADESK_CRASH_TRACE=FILE`` makes it write down the name of each point that it passes, which is how a
test learns of all of them; with both, the passings of all processes that write there are counted together.
Names are ``after:KIND`` and ``inside:KIND`` for every kind of event (once it is durable; in the middle of the
database write), those of the steps of a reference calculation, ``properties-measured`` and ``model-watched``
(in the middle of the write), and ``features-written``.
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
    _passed[name] += 1
    count = _passed[name]
    if trace := os.environ.get(TRACE):
        with Path(trace).open("a+") as file:
            file.write(name + "\n")
            file.seek(0)
            count = file.read().split("\n").count(name)
    if os.environ.get(VARIABLE) == f"{name}:{count}":
        os.kill(os.getpid(), signal.SIGKILL)
