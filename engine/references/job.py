"""One reference calculation: ``python -m engine.references.job FOLDER``.

It runs in its own session, holds the folder's lock, keeps its limits of time and memory, and writes
``result.json`` at the end, also when it fails. A folder that has a result, or was abandoned, is left alone.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

import numpy as np

from engine import registry
from engine.config import ReferenceSettings
from engine.crashpoints import crash_point
from engine.errors import CalculationError, DeltadeskError
from engine.protocols import Reference
from engine.references.folder import (
    ABANDONED,
    LOCK,
    RESULT,
    JobInput,
    JobResult,
    read_input,
    write_result,
)
from engine.store.lock import folder_lock

GRACE = 5.0  # s between the limit and the kernel's own end of the process


def main(folder: Path) -> None:
    """Calculate what the folder asks for, unless that is done or was abandoned."""
    with contextlib.suppress(PermissionError):  # a scheduler may have made us a session leader
        os.setsid()
    with folder_lock(folder / LOCK, wait=True):
        if (folder / RESULT).exists() or (folder / ABANDONED).exists():
            return
        job = read_input(folder)
        started = time.monotonic()
        limit = _limit(folder, job.reference, started)
        result = calculate(job)
        limit.cancel()
        seconds = time.monotonic() - started
        crash_point("job-before-result")
        write_result(folder, result.model_copy(update={"seconds": seconds, "cores": job.reference.cores}))


def calculate(job: JobInput) -> JobResult:
    """Energy (eV) and forces (eV/Å), or the kind of failure; foreign errors are translated here, once."""
    settings = job.reference
    try:
        reference: Reference = registry.make(
            "references",
            settings.name,
            calculator=settings.calculator,
            command=settings.command,
            settings=settings.settings,
        )
        calculator = reference.calculator()
    except (DeltadeskError, TypeError, ValueError, ImportError) as error:
        return JobResult(failure="setup", words=str(error))
    structure = job.structure()
    structure.calc = calculator
    try:
        energy = float(structure.get_potential_energy())
        forces = np.asarray(structure.get_forces(), dtype=float)
    except MemoryError:
        return JobResult(failure="memory", words=f"more than {settings.memory_limit:g} GB were asked for")
    except CalculationError as error:
        return JobResult(failure=_kind(error), words=str(error))
    except Exception as error:  # the seam: any calculator may raise anything
        traceback.print_exc()
        return JobResult(failure=_kind(error), words=f"{type(error).__name__}: {error}")
    if forces.shape != (len(structure), 3):
        return JobResult(
            failure="crashed", words=f"forces of shape {forces.shape} for {len(structure)} atoms"
        )
    if not (np.isfinite(energy) and np.isfinite(forces).all()):
        return JobResult(failure="not-finite", words="the energy or a force is not a number")
    made_with = reference.provenance()
    return JobResult(
        energy=energy,
        forces=forces.tolist(),
        code=made_with.code,
        version=made_with.version,
        settings=dict(made_with.settings),
    )


def _kind(error: Exception) -> str:
    words = f"{type(error).__name__} {error}".lower()
    return "not-converged" if "converge" in words or "scf" in words else "crashed"


def _limit(folder: Path, settings: ReferenceSettings, started: float) -> threading.Timer:
    """End this process at its limits, with a result that says so; cancel the timer once it is done."""
    size = int(settings.memory_limit * 1e9)
    resource.setrlimit(resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))

    def expire() -> None:
        words = f"stopped after its limit of {settings.time_limit:g} s"
        seconds = time.monotonic() - started
        write_result(folder, JobResult(failure="timeout", words=words, seconds=seconds, cores=settings.cores))
        os.killpg(os.getpgrp(), signal.SIGKILL)  # this process leads its group: with it goes all it started

    timer = threading.Timer(settings.time_limit, expire)
    timer.daemon = True
    timer.start()
    # code that never lets another thread run is ended by the kernel, without words
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, settings.time_limit + GRACE)
    return timer


if __name__ == "__main__":
    main(Path(sys.argv[1]))
