"""A reference calculator that a test can watch from outside: EMT, with a line at its start and at its end.

``DELTADESK_WITNESS`` names the file the lines go to, ``DELTADESK_WITNESS_HOLD`` a file that, while it exists,
keeps a calculation running.
"""

import os
import time
import zlib
from pathlib import Path

from ase.calculators.emt import EMT


def witness(words):
    with Path(os.environ["DELTADESK_WITNESS"]).open("a") as file:
        file.write(words + "\n")


class WitnessEMT(EMT):
    """EMT that says when it starts and ends, on which structure, and fails on demand."""

    def __init__(self, failure="", seconds=0.0):
        super().__init__()
        self._failure = failure
        self._seconds = seconds

    def calculate(self, atoms=None, properties=("energy",), system_changes=()):
        # a structure is told by its coordinates: an attempt that repeats it has the same name
        name = f"{zlib.crc32(atoms.positions.tobytes()):08x}"
        witness(f"start {name}")
        time.sleep(self._seconds)  # the length of the calculation, which is what is tested
        hold = Path(os.environ.get("DELTADESK_WITNESS_HOLD", "/nonexistent"))
        while hold.exists():
            time.sleep(0.02)
        match self._failure:
            case "raise":
                raise RuntimeError("SCF did not converge in 3 cycles")
            case "segfault":
                os.kill(os.getpid(), 11)
            case "nan":
                super().calculate(atoms, properties, system_changes)
                self.results["energy"] = float("nan")
                return
            case "memory":
                bytearray(int(2e12))
        super().calculate(atoms, properties, system_changes)
        witness(f"end {name}")
