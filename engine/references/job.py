"""One reference calculation: ``python -m engine.references.job FOLDER``.

It runs in its own session, holds the folder's lock, keeps its limits of time and memory, and writes
``result.json`` at the end, also when it fails. A folder that has a result, or was abandoned, is left alone.
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import re
import resource
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

import numpy as np
from ase import Atoms

from engine.config import ReferenceSettings
from engine.core.events import FailureKind
from engine.crashpoints import crash_point
from engine.errors import CalculationError, ConfigError, DeltadeskError, MissingPackageError
from engine.potentials.stress import has_whole_cell
from engine.protocols import FloatArray
from engine.references.folder import (
    ABANDONED,
    LOCK,
    RESULT,
    JobInput,
    JobResult,
    read_input,
    write_result,
    write_start,
)
from engine.references.making import make_reference
from engine.store.lock import folder_lock

GRACE = 5.0  # s between the limit and the kernel's own end of the process
DISK_PATIENCE = 3600.0  # s that a finished calculation waits for room on a full disk
LARGEST_ENERGY = 2e6  # eV an atom: all electrons of the heaviest element known are bound by 1.5e6
_NO_PROGRAM = re.compile(r"command not found|(exit|error) code:? 127|no such file or directory: ")


def main(folder: Path) -> None:
    """Calculate what the folder asks for, unless that is done or was abandoned."""
    with contextlib.suppress(PermissionError):  # a scheduler may have made us a session leader
        os.setsid()
    with folder_lock(folder / LOCK, patience=math.inf) as lock:
        # a child that outlives this process is not what the folder waits for
        inherited = contextlib.ExitStack()  # closed once: in a child of a child the number is another file's
        inherited.callback(os.close, lock)
        os.register_at_fork(after_in_child=inherited.close)
        write_start(folder)
        crash_point("job-locked")
        if (folder / RESULT).exists() or (folder / ABANDONED).exists():
            return
        job = read_input(folder)
        started = time.monotonic()
        ended = threading.Lock()
        limit = _limit(folder, job.reference, started, ended)
        result = calculate(job)
        ended.acquire()  # for good; where the limit was first, this process ends while it waits here
        limit.cancel()
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        seconds = time.monotonic() - started
        crash_point("job-before-result")
        _keep(folder, result.model_copy(update={"seconds": seconds, "cores": job.reference.cores}), lock)
        crash_point("job-after-result")


def calculate(job: JobInput) -> JobResult:
    """Energy (eV) and forces (eV/Å), or the kind of failure; foreign errors are translated here, once."""
    settings = job.reference
    try:
        reference = make_reference(settings)
        calculator = reference.calculator()
    except (DeltadeskError, TypeError, ValueError, ImportError, OSError) as error:
        return JobResult(failure="setup", words=str(error))
    structure = job.structure()
    structure.calc = calculator
    try:
        energy = float(structure.get_potential_energy())
        forces = np.asarray(structure.get_forces(), dtype=float)
    except MemoryError:
        return JobResult(failure="memory", words=f"more than {settings.memory_limit:g} GB were asked for")
    except DeltadeskError as error:
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
    if absurd := _absurd(energy, forces, settings.largest_force):
        return JobResult(failure="absurd", words=absurd)
    made_with = reference.provenance()
    return JobResult(
        energy=energy,
        forces=forces.tolist(),
        stress=_stress(structure) if settings.stress else None,
        code=made_with.code,
        version=made_with.version,
        settings=dict(made_with.settings),
    )


def _stress(structure: Atoms) -> list[float] | None:
    """Of a crystal (eV/Å³, Voigt's order), if its calculator has it; no label is lost for want of it."""
    if not has_whole_cell(structure) or "stress" not in getattr(structure.calc, "implemented_properties", ()):
        return None
    try:
        stress = np.asarray(structure.get_stress(), dtype=float)
    except Exception:  # the seam: any calculator may raise anything
        traceback.print_exc()
        return None
    return stress.tolist() if stress.shape == (6,) and np.isfinite(stress).all() else None


def _kind(error: Exception) -> FailureKind:
    words = f"{type(error).__name__} {error}".lower()
    if isinstance(error, ConfigError | MissingPackageError | FileNotFoundError) or _NO_PROGRAM.search(words):
        return "setup"
    if words.endswith("signal 9"):  # how Linux ends a process that takes the machine's last memory
        return "memory"
    return "not-converged" if "converge" in words or "scf" in words else "crashed"


def _absurd(energy: float, forces: FloatArray, largest_force: float) -> str:
    """Why no structure has this energy (eV) or one of these forces (eV/Å), or nothing."""
    force = float(np.linalg.norm(forces, axis=1).max(initial=0.0))
    if force > largest_force:
        return f"a force of {force:.3g} eV/Å: more than largest_force = {largest_force:g}"
    if abs(energy) > LARGEST_ENERGY * len(forces):
        return f"an energy of {energy:.3g} eV for {len(forces)} atoms"
    return ""


def _keep(folder: Path, result: JobResult, lock: int) -> None:
    """Write the result, and wait for room where the disk is full: it was paid for.

    Raises
    ------
    CalculationError
        if the folder was deleted: one of the same name is another attempt's
    """
    patience = time.monotonic() + DISK_PATIENCE
    while True:
        if not _is_still(folder / LOCK, lock):
            raise CalculationError(f"{folder} was deleted while this calculation ran")
        try:
            return write_result(folder, result)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT) or time.monotonic() > patience:
                raise
            time.sleep(1.0)


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _limit(
    folder: Path, settings: ReferenceSettings, started: float, ended: threading.Lock
) -> threading.Timer:
    """End this process at its limits, with a result that says so; cancel the timer once it is done.

    Whoever holds `ended` writes the result: the calculation, or its limit of time.
    """
    size = int(settings.memory_limit * 1e9)
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (size if most == resource.RLIM_INFINITY else min(size, most), most)
    )

    def expire() -> None:
        if not ended.acquire(blocking=False):
            return
        words = f"stopped after its limit of {settings.time_limit:g} s"
        seconds = time.monotonic() - started
        late = JobResult(failure="timeout", words=words, seconds=seconds, cores=settings.cores)
        try:
            write_result(folder, late)
        finally:  # this process leads its group: with it goes all it started, also where the disk is full
            os.killpg(os.getpgrp(), signal.SIGKILL)

    timer = threading.Timer(settings.time_limit, expire)
    timer.daemon = True
    timer.start()
    # code that never lets another thread run is ended by the kernel, without words
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, settings.time_limit + GRACE)
    return timer


if __name__ == "__main__":
    # the launcher's pipe among them: a child that outlives this process would hold it, and no job seem to end
    os.closerange(3, 64)
    main(Path(sys.argv[1]))
