"""A reference calculator that a test can watch from outside: EMT, with a line at its start and at its end.

``DELTADESK_WITNESS`` names the file the lines go to, ``DELTADESK_WITNESS_HOLD`` a file that, while it exists,
keeps a calculation running. Beside the lines may lie ``hangs.txt`` and ``fails.txt``, each with the name of a
structure: whose calculation never ends, and whose does not converge for who has no patience.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import time
import zlib
from pathlib import Path

from ase.calculators.emt import EMT


def witness(words):
    with Path(os.environ["DELTADESK_WITNESS"]).open("a") as file:
        file.write(words + "\n")


def name_of(atoms):
    """A structure is told by its coordinates: an attempt that repeats it has the same name."""
    return f"{zlib.crc32(atoms.positions.tobytes()):08x}"


def is_in(list_of, name):
    path = Path(os.environ["DELTADESK_WITNESS"]).with_name(list_of)
    return path.exists() and name in path.read_text()


class WitnessEMT(EMT):
    """EMT that says when it starts and ends, on which structure, and fails on demand."""

    def __init__(self, failure="", seconds=0.0, patience=0):
        super().__init__()
        self._failure = failure
        self._seconds = seconds
        self._patience = patience

    def calculate(self, atoms=None, properties=("energy",), system_changes=()):
        name = name_of(atoms)
        witness(f"start {name}")
        time.sleep(self._seconds)  # the length of the calculation, which is what is tested
        hold = Path(os.environ.get("DELTADESK_WITNESS_HOLD", "/nonexistent"))
        while hold.exists() or is_in("hangs.txt", name):
            time.sleep(0.02)
        if is_in("fails.txt", name) and not self._patience:
            raise RuntimeError("SCF did not converge in 3 cycles")
        match self._failure:
            case "raise" if not self._patience:
                raise RuntimeError("SCF did not converge in 3 cycles")
            case "segfault":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "no memory left":  # what the kernel does then
                os.kill(os.getpid(), signal.SIGKILL)
            case "hang in C":
                ctypes.PyDLL(None).sleep(600)  # with Python's lock held: no other thread runs
            case "nan":
                super().calculate(atoms, properties, system_changes)
                self.results["energy"] = float("nan")
                return
            case "memory":
                bytearray(int(2e12))
            case "absurd":
                super().calculate(atoms, properties, system_changes)
                self.results["forces"] = self.results["forces"] + 1e6
                return
            case "fork":
                os.fork()
                time.sleep(600)
            case "program":
                subprocess.run(["no-such-program"], check=True)
            case "deleted":
                shutil.rmtree(Path.cwd())
        super().calculate(atoms, properties, system_changes)
        witness(f"end {name}")
