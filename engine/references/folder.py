"""A job folder: the truth about one attempt of one reference calculation.

::

    input.json      structure and settings, written before the job starts
    job.lock        held by the job for as long as it lives; says which process, where and since when
    abandoned       this attempt must never start: it was cancelled, or a later one took its place
    log.txt         what the calculator printed
    result.json     written under a temporary name and renamed: there or not there, never half
"""

from __future__ import annotations

import itertools
import os
import platform
import time
from pathlib import Path
from typing import Any, Literal

import numpy as np
from ase import Atoms
from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.config import ReferenceSettings
from engine.core.events import FailureKind
from engine.durable import replace_text
from engine.errors import CampaignBusyError
from engine.store.lock import folder_lock, is_locked

INPUT, LOCK, ABANDONED, LOG, RESULT = "input.json", "job.lock", "abandoned", "log.txt", "result.json"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JobInput(_Record):
    """What to calculate: positions and cell in Å."""

    candidate: str
    attempt: int
    numbers: list[int]
    positions: list[list[float]]
    cell: list[list[float]]
    pbc: list[bool]
    reference: ReferenceSettings

    @classmethod
    def of(cls, candidate: str, attempt: int, structure: Atoms, reference: ReferenceSettings) -> JobInput:
        """Describe the calculation of `structure`."""
        return cls(
            candidate=candidate,
            attempt=attempt,
            numbers=structure.numbers.tolist(),
            positions=structure.positions.tolist(),
            cell=np.asarray(structure.cell).tolist(),
            pbc=structure.pbc.tolist(),
            reference=reference,
        )

    def structure(self) -> Atoms:
        """The structure to calculate."""
        return Atoms(self.numbers, self.positions, cell=self.cell, pbc=self.pbc)


class JobResult(_Record):
    """What came of it: a label (eV, eV/Å, eV/Å³) and what it was made with, or the kind of failure."""

    failure: FailureKind | Literal[""] = ""
    words: str = ""
    energy: float | None = None
    forces: list[list[float]] | None = None
    stress: list[float] | None = None
    seconds: float = 0.0
    cores: int = 1
    code: str = ""
    version: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_something(self) -> JobResult:
        if not self.failure and not self._is_label():
            raise ValueError("neither a failure nor an energy and forces that are numbers")
        return self

    def _is_label(self) -> bool:
        if self.energy is None or not self.forces or any(len(force) != 3 for force in self.forces):
            return False
        stress = () if self.stress is None else self.stress
        return len(stress) in (0, 6) and bool(
            np.isfinite([self.energy, *itertools.chain(*self.forces), *stress]).all()
        )


class JobStart(_Record):
    """The process that holds the folder's lock, on which machine, and since when (s since 1970)."""

    pid: int
    host: str
    time: float


def write_input(folder: Path, job: JobInput) -> None:
    """Make the folder and say what to calculate in it; one that holds another calculation is set aside.

    That happens where an older copy of a campaign's database was put back: its ids are given out anew.
    """
    if (folder / INPUT).exists() and not _asks_for(folder, job):
        _set_aside(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ABANDONED).unlink(missing_ok=True)  # of the copy that was put back
    replace_text(folder / INPUT, job.model_dump_json())


def _asks_for(folder: Path, job: JobInput) -> bool:
    try:
        return read_input(folder) == job
    except ValueError:  # half of a file, after a power cut or a copy that broke off
        return False


def _set_aside(path: Path) -> Path:
    """Give a file or folder the first free name that says that it no longer counts."""
    places = (path.with_name(f"{path.name}.set-aside-{k}") for k in itertools.count(1))
    return path.rename(next(place for place in places if not place.exists()))


def read_input(folder: Path) -> JobInput:
    """Inverse of `write_input`."""
    return JobInput.model_validate_json((folder / INPUT).read_text())


def write_result(folder: Path, result: JobResult) -> None:
    """Write the result; from then on the calculation is finished, whatever dies."""
    replace_text(folder / RESULT, result.model_dump_json())


def read_result(folder: Path) -> JobResult | None:
    """The result, or None while there is none.

    One that cannot be read is set aside, and a failure takes its place.
    """
    try:
        return JobResult.model_validate_json((folder / RESULT).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        kept = _set_aside(folder / RESULT)
        failed = JobResult(failure="crashed", words=f"{RESULT} cannot be read: it is kept as {kept.name}")
        write_result(folder, failed)
        return failed


def write_start(folder: Path) -> None:
    """Say in the lock file, which this process holds, who holds it."""
    start = JobStart(pid=os.getpid(), host=platform.node(), time=time.time())
    (folder / LOCK).write_text(start.model_dump_json())


def read_start(folder: Path) -> JobStart | None:
    """Who holds the lock or held it last, or None before the job has said so."""
    try:
        return JobStart.model_validate_json((folder / LOCK).read_text())
    except (FileNotFoundError, ValueError):
        return None


def is_running(folder: Path) -> bool:
    """Whether the job holds its lock."""
    return is_locked(folder / LOCK)


def abandon(folder: Path) -> bool:
    """Forbid this attempt to start, or return False if it runs or has a result.

    The mark is written under the job's own lock, and the job looks for it under that lock: either the job
    was first and this returns False, or it never starts.
    """
    if not folder.exists():
        folder.mkdir(parents=True)
    try:
        with folder_lock(folder / LOCK):
            if (folder / RESULT).exists():
                return False
            replace_text(folder / ABANDONED, "")
            return True
    except CampaignBusyError:
        return False


def forbid(folder: Path) -> None:
    """Keep a job that has not started yet from starting; one that runs does not see this."""
    if not (folder / ABANDONED).exists():
        replace_text(folder / ABANDONED, "")


def newest_change(folder: Path) -> float:
    """When anything in the folder was last written, s since 1970."""
    return max((path.stat().st_mtime for path in folder.iterdir()), default=0.0)


def log_tail(folder: Path, lines: int = 20) -> str:
    """Last lines of the job's log."""
    try:
        text = (folder / LOG).read_text(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
