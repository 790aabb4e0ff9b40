"""The runner's paid work: reference calculations owed, running and collected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import psij

from engine.config import ReferenceSettings
from engine.core import ReferenceCompleted, ReferenceFailed, ReferenceSubmitted, Status
from engine.crashpoints import crash_point
from engine.loop import jobs
from engine.loop.writer import Writer
from engine.references.folder import JobInput, JobResult, abandon, write_input
from engine.store import Store


class ReferenceDesk:
    """Knows the handles of running jobs; the rest stands in the log and in their folders."""

    def __init__(self, folder: Path, settings: ReferenceSettings) -> None:
        self._folder = folder
        self._settings = settings
        self._owed: list[tuple[str, int]] = []
        self._handles: dict[tuple[str, int], jobs.Handle] = {}
        self._unstarted: dict[tuple[str, int], str] = {}

    @property
    def busy(self) -> bool:
        """Whether a calculation is owed, runs, or waits to be collected."""
        return bool(self._owed or self._handles or self._unstarted)

    def owe(self, writer: Writer, candidate: str, attempt: int) -> None:
        """Write that an attempt may start; `start` starts it once that is durable."""
        folder = f"references/{candidate}-{attempt}"
        writer.append(ReferenceSubmitted(candidate=candidate, attempt=attempt, folder=folder))
        self._owed.append((candidate, attempt))

    def start(self, store: Store) -> None:
        """Start what is owed."""
        owed, self._owed = self._owed, []
        for key in owed:
            candidate, attempt = key
            folder = self._path(*key)
            structure = store.structures([candidate])[0]
            try:
                write_input(folder, JobInput.of(candidate, attempt, structure, self._settings))
                self._handles[key] = jobs.submit(folder, self._settings)
            except (psij.SubmitException, psij.InvalidJobException, OSError) as error:
                self._unstarted[key] = f"{self._settings.executor}: {error}"

    def recover(self, writer: Writer) -> None:
        """After a restart: watch what still runs, collect what has ended, and repeat only what was lost."""
        attempts = writer.campaign.rules.attempts if writer.campaign.rules else 1
        for candidate in writer.campaign.with_status(Status.SUBMITTED):
            key = (candidate.id, candidate.attempt)
            folder = self._path(*key)
            handle = jobs.adopt(folder, self._settings)
            while handle is None and not abandon(folder):
                handle = jobs.adopt(folder, self._settings)  # it got its lock while we looked
            if handle is not None:
                self._handles[key] = handle
            elif candidate.attempt < attempts:
                self.owe(writer, candidate.id, candidate.attempt + 1)
            else:
                words = f"lost {candidate.attempt} times, whenever this machine or its server went down"
                self._fail(writer, key, JobResult(failure="lost", words=words), words)

    def collect(self, writer: Writer) -> None:
        """Write the results that are in; in lockstep they enter in the order they were submitted."""
        lockstep = writer.campaign.rules is not None and writer.campaign.rules.pace == "lockstep"
        for key, words in list(self._unstarted.items()):
            del self._unstarted[key]
            self._fail(writer, key, JobResult(failure="setup", words=words), words)
        for key, handle in list(self._handles.items()):
            if jobs.poll(handle) is jobs.Poll.RUNNING:
                if lockstep:
                    break
                continue
            del self._handles[key]
            result = jobs.collect(handle)
            crash_point("collected")
            if result.failure:
                self._fail(writer, key, result, jobs.explain(handle, result))
            else:
                self._complete(writer, key, result)

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
            )
        )
        writer.rows.label(candidate, energy, forces)

    def _fail(self, writer: Writer, key: tuple[str, int], result: JobResult, words: str) -> None:
        candidate, attempt = key
        writer.append(
            ReferenceFailed(
                candidate=candidate,
                attempt=attempt,
                failure=result.failure or "lost",
                log=words[-4000:],
                seconds=result.seconds,
            )
        )

    def _path(self, candidate: str, attempt: int) -> Path:
        return self._folder.resolve() / "references" / f"{candidate}-{attempt}"
