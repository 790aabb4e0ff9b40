"""A surface on which the machine goes down: Lennard-Jones that notes who asks, and kills at one call.

``DELTADESK_CALLS`` names a file that gets a line a call, with the search that asks. With
``DELTADESK_FATAL=gofee:9``, GOFEE's ninth call is the last thing that the worker, its runner, and all else of
their process group do.
"""

import os
import signal
import sys
from pathlib import Path

from ase.calculators.lj import LennardJones

ROOM = "engine.generators."


def asks():
    """The search whose step is being taken, by the frame it is in."""
    name, frame = "nobody", sys._getframe()
    while frame is not None:
        module = frame.f_globals["__name__"]
        name = module.removeprefix(ROOM) if module.startswith(ROOM) else name
        frame = frame.f_back
    return name


def called(path):
    """Who has asked so far, in order."""
    return path.read_text().split()


class FatalLJ(LennardJones):
    """LJ with one call that nobody survives."""

    def calculate(self, *arguments, **keywords):
        path, search = Path(os.environ["DELTADESK_CALLS"]), asks()
        with path.open("a") as file:
            file.write(search + "\n")
        fatal, _, count = os.environ.get("DELTADESK_FATAL", "").partition(":")
        if search == fatal and called(path).count(search) == int(count):
            os.killpg(0, signal.SIGKILL)
        super().calculate(*arguments, **keywords)
