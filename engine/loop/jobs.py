"""Start and watch reference calculations through PSI/J: the folder is the truth, a scheduler's word a hint.

A job that was started here is watched by its PSI/J handle, one that an earlier process started by its lock
and, in a scheduler's queue, by its native id. What is in the folder always wins. A scheduler that does not
answer is asked again, and a job that it has forgotten was lost with its machine.
"""

from __future__ import annotations

import math
import os
import platform
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import cache
from pathlib import Path

import psij
import psutil
from psij.executors.batch.batch_scheduler_executor import BatchSchedulerExecutor

from engine.config import ReferenceSettings
from engine.core.events import FailureKind
from engine.crashpoints import TRACE, VARIABLE, crash_point
from engine.references.folder import (
    JobResult,
    forbid,
    is_running,
    log_tail,
    newest_change,
    read_result,
    read_start,
    write_result,
)

HANDLE = "native_id"  # a file: whose queue a job was put into, and its id there
MARK = "DELTADESK_JOB"  # environment variable of a job and all that it starts: its folder
MARGIN = 120.0  # s in a queue's limit beside that of the calculation: Python starts, results are written
ASK_AGAIN = 30.0  # s until a scheduler is told once more that a job is to end
_KILLED = 128  # a shell's exit code, less the signal that ended its program
_NO_ANSWER = ("Failed to poll", "Failed to update", "Error updating")
"""How PSI/J (0.9) begins the words of a job that has failed because it could not ask the queue about it."""
_DEATHS: dict[signal.Signals, FailureKind] = {
    signal.SIGKILL: "memory",  # how Linux ends a process that takes the machine's last memory
    signal.SIGALRM: "timeout",
}


class Poll(Enum):
    """What a folder and its handle say together."""

    RUNNING = "running"
    FINISHED = "finished"
    DIED = "died"
    """It started, has no result and holds no lock: no further word will come."""


@dataclass
class Handle:
    """A submitted job; without `job`, the folder alone is watched (a local job of an earlier process).

    `adopted`: an earlier process submitted it, and saw perhaps how it ended. `asked_to_end`: monotonic (s),
    when its scheduler was last told.
    """

    folder: Path
    job: psij.Job | None
    adopted: bool = False
    asked_to_end: float = -math.inf


def submit(folder: Path, settings: ReferenceSettings) -> Handle:
    """Start ``python -m engine.references.job`` on a written folder."""
    # one thread a core that was asked for, or numerical libraries take them all
    threads = {name: str(settings.cores) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    log = folder / "log.txt"
    spec = psij.JobSpec(
        executable=sys.executable,
        arguments=["-m", "engine.references.job", str(folder)],
        directory=folder,
        environment={
            **threads,
            **{name: os.environ.get(name, "") for name in (VARIABLE, TRACE)},
            MARK: str(folder),
        },
        stdout_path=log,
        stderr_path=log,
        resources=psij.ResourceSpecV1(
            process_count=1,
            cpu_cores_per_process=settings.cores,
            memory=int(settings.memory_limit * 1e9),
        ),
        attributes=psij.JobAttributes(
            duration=timedelta(seconds=math.ceil(settings.time_limit + MARGIN)),
            queue_name=settings.partition or None,
            account=settings.account or None,
        ),
        launcher="single",
    )
    job = psij.Job(spec)
    crash_point("before-submit")
    _executor(settings.executor).submit(job)
    crash_point("after-submit")
    (folder / HANDLE).write_text(f"{settings.executor} {job.native_id}")
    return Handle(folder, job)


def adopt(folder: Path) -> Handle | None:
    """Watch a job that an earlier process submitted, or None if there is nothing left to wait for."""
    if read_result(folder) is not None:
        return Handle(folder, None, adopted=True)
    match (folder / HANDLE).read_text().split() if (folder / HANDLE).exists() else ():
        case executor, native_id if executor != "local":
            return Handle(folder, _attach(_executor(executor), native_id), adopted=True)
    return Handle(folder, None, adopted=True) if is_running(folder) else None


def _attach(executor: psij.JobExecutor, native_id: str) -> psij.Job:
    job = psij.Job()
    executor.attach(job, native_id)
    return job


def poll(handle: Handle) -> Poll:
    """Look at the folder first, then at its lock, then ask the scheduler."""
    if not handle.folder.exists():
        cancel(handle)
        return Poll.DIED
    # asked before the folder is read: a job that has ended by now has written its result by then
    if handle.job is not None and _did_not_answer(handle.job):
        handle.job = _attach(handle.job.executor, handle.job.native_id)
    waits = handle.job is not None and not handle.job.status.final
    running = waits or is_running(handle.folder)
    if read_result(handle.folder) is not None:
        return Poll.FINISHED
    return Poll.RUNNING if running else Poll.DIED


def _did_not_answer(job: psij.Job) -> bool:
    """Whether a queue's job has failed by PSI/J's word alone: it says so of all where no queue answered."""
    status = job.status
    if not isinstance(job.executor, BatchSchedulerExecutor) or status.exit_code is not None:
        return False
    return status.state is psij.JobState.FAILED and (status.message or "").startswith(_NO_ANSWER)


def is_lost(handle: Handle) -> bool:
    """Whether a job that died vanished with its machine: it is nobody's failure, and may be repeated.

    Nobody knows how it ended, and it never began or was submitted by an earlier process.
    """
    if handle.job is None or not handle.folder.exists() or handle.job.status.exit_code is not None:
        return False
    return handle.adopted or read_start(handle.folder) is None


def end_orphans(folder: Path) -> None:
    """End the programs on this machine that a job has started and left behind, as its Python was killed."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == str(folder):
                process.kill()


def cancel(handle: Handle) -> None:
    """End a job with all that it started, or keep it from starting; call it again until `poll` says so."""
    if handle.folder.exists():
        forbid(handle.folder)
    start = read_start(handle.folder)
    if start is not None and start.host == platform.node() and is_running(handle.folder):
        crash_point("before-kill")
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(start.pid, signal.SIGKILL)  # the job leads its group
        crash_point("after-kill")
    now = time.monotonic()
    if handle.job is not None and not handle.job.status.final and now - handle.asked_to_end > ASK_AGAIN:
        handle.asked_to_end = now
        with suppress(psij.SubmitException):  # a scheduler that does not answer is asked again
            handle.job.cancel()


def collect(handle: Handle, cancelled_by: str = "") -> JobResult:
    """The result, or in words how the job ended without one, which is then written down in the folder."""
    result = read_result(handle.folder)
    if result is not None:
        return result
    if not handle.folder.exists():
        return JobResult(failure="lost", words=f"the folder {handle.folder.name} was deleted")
    end_orphans(handle.folder)
    kind, words = _death(handle)
    if cancelled_by:
        kind, words = "cancelled", f"cancelled by {cancelled_by}"
    ended = JobResult(failure=kind, words=words, seconds=_elapsed(handle))
    write_result(handle.folder, ended)
    return ended


def _death(handle: Handle) -> tuple[FailureKind, str]:
    """The kind of a death without a result, from the code that the launcher's shell saw."""
    words = "the calculation ended without a result"
    if handle.job is None:
        return "crashed", words
    code, said = handle.job.status.exit_code, handle.job.status.message
    if code is None:
        return "crashed", f"{words}; its queue says: {said}" if said else words
    if code <= _KILLED or code - _KILLED not in set(signal.Signals):
        return "crashed", f"{words} (exit code {code})"
    number = signal.Signals(code - _KILLED)
    return _DEATHS.get(number, "crashed"), f"{words} (signal {number.name})"


def _elapsed(handle: Handle) -> float:
    """How long a job without a result ran (s), as far as its folder tells."""
    start = read_start(handle.folder)
    if start is None:
        return 0.0
    # who has only now come to look knows no more than when the job last wrote
    end = time.time() if handle.job is not None else newest_change(handle.folder)
    return max(0.0, end - start.time)


def explain(handle: Handle, result: JobResult) -> str:
    """A failed result's reason, with the last lines of the job's log."""
    return f"{result.words}\n{log_tail(handle.folder)}".strip()


@cache
def _executor(name: str) -> psij.JobExecutor:
    try:
        return psij.JobExecutor.get_instance(name)
    except (ValueError, ImportError) as error:  # Flux's own Python package is not here
        raise psij.SubmitException(f"this machine cannot speak to {name} ({error})") from error
