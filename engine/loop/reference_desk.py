"""The runner's paid work: reference calculations owed, running and collected."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import psij

from engine.config import CampaignSettings, ReferenceSettings
from engine.config.base import merged
from engine.core import (
    Campaign,
    Candidate,
    CandidateFlagged,
    ReferenceChange,
    ReferenceCompleted,
    ReferenceFailed,
    ReferenceSubmitted,
    SelectedFlag,
    Status,
)
from engine.crashpoints import crash_point
from engine.errors import StorageError
from engine.loop import jobs
from engine.loop.messages import search_of
from engine.loop.writer import Writer
from engine.protocols import Known
from engine.references.folder import JobInput, JobResult, abandon, write_input
from engine.store import Store

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What no candidate is to blame for: the calculation counts as lost, and starts when there is room."""


class ReferenceDesk:
    """Knows the handles of running jobs; the rest stands in the log and in their folders."""

    def __init__(self, folder: Path, settings: CampaignSettings) -> None:
        self._folder = folder
        self._campaign, self._settings = settings, settings.reference
        self._owed: list[tuple[str, int, ReferenceSettings]] = []
        self._handles: dict[tuple[str, int], jobs.Handle] = {}
        self._unstarted: dict[tuple[str, int], str] = {}

    @property
    def busy(self) -> bool:
        """Whether a calculation is owed, runs, or waits to be collected."""
        return bool(self._owed or self._handles or self._unstarted)

    def owe(self, writer: Writer, candidate: str, attempt: int) -> None:
        """Write that an attempt may start; `start` starts it once that is durable."""
        told = _told(self._settings, writer.campaign.candidates[candidate].change)
        folder = f"references/{candidate}-{attempt}"
        writer.append(
            ReferenceSubmitted(candidate=candidate, attempt=attempt, folder=folder, cores=told.cores)
        )
        self._owed.append((candidate, attempt, told))

    def start(self, store: Store) -> None:
        """Start what is owed."""
        owed, self._owed = self._owed, []
        for candidate, attempt, told in owed:
            key = (candidate, attempt)
            folder = self._path(*key)
            structure = store.structures([candidate])[0]
            crash_point("before-start")
            try:
                write_input(folder, JobInput.of(candidate, attempt, structure, told))
                self._handles[key] = jobs.submit(folder, told)
            except (psij.SubmitException, psij.InvalidJobException, OSError) as error:
                if isinstance(error, OSError) and error.errno in _FULL:
                    raise StorageError(f"{folder}: {error.strerror}; make room, then run it again") from error
                if _never_starts(folder):  # a queue may hold what it said it refused
                    self._unstarted[key] = f"{told.executor}: {error}"
                else:
                    self._handles[key] = jobs.Handle(folder, None)
            crash_point("after-start")

    def cancel(self, candidate: str, attempt: int) -> None:
        """End a job; `collect` finds it dead, or finished before."""
        handle = self._handles.get((candidate, attempt))
        if handle is not None:
            jobs.cancel(handle)

    def recover(self, writer: Writer) -> None:
        """After a restart: watch what still runs, collect what has ended, and repeat only what was lost."""
        for candidate in writer.campaign.with_status(Status.SUBMITTED):
            key = (candidate.id, candidate.attempt)
            folder = self._path(*key)
            handle = jobs.adopt(folder)
            while handle is None and not abandon(folder):
                handle = jobs.adopt(folder)  # it got its lock while we looked
            if handle is not None or candidate.cancel is not None:
                self._handles[key] = handle or jobs.Handle(folder, None)
            else:
                self._lost(writer, candidate)

    def _lost(self, writer: Writer, candidate: Candidate) -> None:
        """Repeat what vanished with its machine, unless it has too often, or nothing is spent now."""
        key = (candidate.id, candidate.attempt)
        jobs.end_orphans(self._path(*key))
        failed = candidate.failures[-1].attempt if candidate.failures else 0
        starts = candidate.attempt - failed
        rules, state = writer.campaign.rules, writer.campaign.state
        if rules is not None and starts >= rules.attempts:
            words = f"lost {starts} times, whenever its machine, its queue or this server went down"
        elif state != "running":
            words = f"lost with its machine, its queue or this server while the campaign was {state}"
        else:
            self.owe(writer, candidate.id, candidate.attempt + 1)
            return
        self._fail(writer, key, JobResult(failure="lost", words=words), words)

    def collect(self, store: Store, writer: Writer) -> None:
        """Write the results that are in.

        In lockstep they enter one by one, in the order they were submitted, each after what follows from the
        one before: what comes of them must not depend on how long they took.
        """
        before = {failed.id for failed in writer.campaign.quarantined}
        campaign = writer.campaign
        lockstep = campaign.rules is not None and campaign.rules.pace == "lockstep"
        if lockstep and campaign.state == "running" and campaign.candidates.that_owe:
            return
        for key, words in list(self._unstarted.items()):
            del self._unstarted[key]
            self._fail(writer, key, JobResult(failure="setup", words=words), words)
        for key, handle in self._in_order(campaign)[: 1 if lockstep else None]:
            state = jobs.poll(handle)
            if state is jobs.Poll.RUNNING:
                continue
            candidate = writer.campaign.candidates[key[0]]
            cancel = candidate.cancel
            if state is jobs.Poll.DIED and cancel is None and jobs.is_lost(handle):
                if abandon(handle.folder):  # else it has begun, or ended, since we looked
                    del self._handles[key]
                    self._lost(writer, candidate)
                continue
            del self._handles[key]
            result = jobs.collect(handle, cancel.by if cancel else "")
            crash_point("collected")
            if result.failure:
                self._fail(writer, key, result, jobs.explain(handle, result))
            else:
                self._complete(writer, key, result)
        for failed in writer.campaign.quarantined:
            if failed.id not in before:
                _warn_of(failed, store, writer, self._campaign)

    def _in_order(self, campaign: Campaign) -> list[tuple[tuple[str, int], jobs.Handle]]:
        return sorted(self._handles.items(), key=lambda job: campaign.candidates[job[0][0]].submitted_seq)

    def _complete(self, writer: Writer, key: tuple[str, int], result: JobResult) -> None:
        candidate, attempt = key
        forces = np.array(result.forces, dtype=float).reshape(-1, 3)
        energy = result.energy if result.energy is not None else float("nan")
        writer.append(
            ReferenceCompleted(
                candidate=candidate,
                attempt=attempt,
                energy_eV=energy,
                fmax=float(np.linalg.norm(forces, axis=1).max(initial=0.0)),
                seconds=result.seconds,
                cores=result.cores,
                code=result.code,
                version=result.version,
                settings=result.settings,
                change=writer.campaign.candidates[candidate].change,
            )
        )
        writer.rows.label(candidate, energy, forces, result.stress)

    def _fail(self, writer: Writer, key: tuple[str, int], result: JobResult, words: str) -> None:
        candidate, attempt = key
        writer.append(
            ReferenceFailed(
                candidate=candidate,
                attempt=attempt,
                failure=result.failure or "lost",
                log=words[-4000:],
                seconds=result.seconds,
                cores=writer.campaign.candidates[candidate].cores,
            )
        )

    def _path(self, candidate: str, attempt: int) -> Path:
        return self._folder.resolve() / "references" / f"{candidate}-{attempt}"


def _never_starts(folder: Path) -> bool:
    try:
        return abandon(folder)
    except (OSError, StorageError):  # where nothing can be written, no job was made
        return True


def _told(settings: ReferenceSettings, change: ReferenceChange | None) -> ReferenceSettings:
    """What campaign.toml says, with what a person changed for one candidate."""
    if change is None:
        return settings
    limits = {name: getattr(change, name) for name in ("time_limit", "memory_limit", "cores")}
    changed = {name: value for name, value in limits.items() if value is not None}
    return settings.model_copy(update={"settings": merged(settings.settings, change.settings), **changed})


def _warn_of(failed: Candidate, store: Store, writer: Writer, settings: CampaignSettings) -> None:
    """Flag what waits and is like a candidate that has just come into quarantine."""
    from engine.checks import quarantine  # scipy comes with it: only where something has failed

    open_ones = writer.campaign.with_status(Status.WAITING, Status.DEFERRED, Status.APPROVED)
    (row, *rows) = store.proposals([failed.id, *(c.id for c in open_ones)])
    known = [Known(row.candidate, row.base_energy, row.features)]
    for other in rows:
        checks = settings.checks_of(search_of(other.generator))
        flag = quarantine(other.base_energy, other.features, known, checks)
        if flag is not None:
            flags = (SelectedFlag(check=flag.check, reason=flag.reason),)
            writer.append(CandidateFlagged(candidate=other.candidate, flags=flags))
