"""Start and watch reference calculations through PSI/J: the folder is the truth, a scheduler's word a hint.

A job that was started here is watched by its PSI/J handle, one that an earlier process started by its lock
and, in a scheduler's queue, by its native id. What is in the folder always wins.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

import psij

from engine.config import ReferenceSettings
from engine.references.folder import JobResult, is_running, log_tail, read_result

HANDLE = "native_id"


class Poll(Enum):
    """What a folder and its handle say together."""

    RUNNING = "running"
    FINISHED = "finished"
    DIED = "died"
    """It started, has no result and holds no lock: no further word will come."""


@dataclass(frozen=True)
class Handle:
    """A submitted job; without `job`, the folder alone is watched (a local job of an earlier process)."""

    folder: Path
    job: psij.Job | None


def submit(folder: Path, settings: ReferenceSettings) -> Handle:
    """Start ``python -m engine.references.job`` on a written folder."""
    # one thread a core that was asked for, or numerical libraries take them all
    threads = {name: str(settings.cores) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    log = folder / "log.txt"
    spec = psij.JobSpec(
        executable=sys.executable,
        arguments=["-m", "engine.references.job", str(folder)],
        directory=folder,
        environment={**threads, "DELTADESK_CRASH": os.environ.get("DELTADESK_CRASH", "")},
        stdout_path=log,
        stderr_path=log,
        resources=psij.ResourceSpecV1(process_count=1, cpu_cores_per_process=settings.cores),
        launcher="single",
    )
    job = psij.Job(spec)
    _executor(settings.executor).submit(job)
    (folder / HANDLE).write_text(str(job.native_id))
    return Handle(folder, job)


def adopt(folder: Path, settings: ReferenceSettings) -> Handle | None:
    """Watch a job that an earlier process submitted, or None if there is nothing left to wait for."""
    if read_result(folder) is not None or is_running(folder):
        return Handle(folder, None)
    native_id = folder / HANDLE
    if settings.executor == "local" or not native_id.exists():
        return None
    job = psij.Job()
    try:
        _executor(settings.executor).attach(job, native_id.read_text())
    except (psij.SubmitException, psij.InvalidJobException):
        return None  # the scheduler has forgotten it
    return Handle(folder, job)


def poll(handle: Handle) -> Poll:
    """Look at the folder first, then at its lock, then ask the scheduler."""
    # asked before the folder is read: a job that has ended by now has written its result by then
    waits = handle.job is not None and not handle.job.status.final
    running = waits or is_running(handle.folder)
    if read_result(handle.folder) is not None:
        return Poll.FINISHED
    return Poll.RUNNING if running else Poll.DIED


def collect(handle: Handle) -> JobResult:
    """The result, or in words how the job died without one."""
    result = read_result(handle.folder)
    if result is None:
        code = None if handle.job is None else handle.job.status.exit_code
        words = "the calculation ended without a result" + ("" if code is None else f" (exit code {code})")
        # 137 = 128 + SIGKILL, which is how Linux ends a process that takes the machine's last memory
        return JobResult(failure="memory" if code == 137 else "crashed", words=words)
    return result


def explain(handle: Handle, result: JobResult) -> str:
    """A failed result's reason, with the last lines of the job's log."""
    return f"{result.words}\n{log_tail(handle.folder)}".strip()


@cache
def _executor(name: str) -> psij.JobExecutor:
    return psij.JobExecutor.get_instance(name)
