"""The one thread that owns a campaign: it turns wishes and results into events, and owes what `due` says."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from concurrent.futures import TimeoutError as StillBusyError
from contextlib import suppress
from pathlib import Path
from typing import Literal

from engine.config import CampaignSettings
from engine.core import (
    POLICIES,
    Bridge,
    Campaign,
    CampaignStarted,
    Characterise,
    CommandRefused,
    Control,
    Finish,
    Follow,
    LabelsImported,
    Observe,
    Pause,
    Recorded,
    Refit,
    Rework,
    RunControlled,
    Status,
    Submit,
    VetoRuleAdopted,
    decide,
    due,
    fold,
)
from engine.errors import StorageError
from engine.loop.clock import Clock
from engine.loop.control_sample import ask_again
from engine.loop.explorers import Explorers
from engine.loop.messages import gather
from engine.loop.opening import opening_events
from engine.loop.reference_desk import ReferenceDesk
from engine.loop.ruling import flag_waiting
from engine.loop.task_desk import TaskDesk
from engine.loop.writer import Writer, writing
from engine.store import Imported, Store, folder_lock
from engine.store.connection import FILENAME, LOCK

PATIENCE = 0.1  # s between two looks when nobody wakes the thread
BRIEF = 5.0  # s: `deltadesk decide` owns a folder that nobody runs for as long as its answer takes

Listener = Callable[[Recorded], None]


class Runner:
    """Runs one campaign until it ends or `close` is called.

    Parameters
    ----------
    folder : campaign folder
    settings : what campaign.toml (and the command line) says
    explorers : workers, shared with other campaigns
    listen : called with each event once it is durable
    clock : what time it is
    """

    def __init__(
        self,
        folder: Path,
        settings: CampaignSettings,
        explorers: Explorers,
        listen: Listener | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.folder = folder
        self._settings = settings
        self._listen = listen or (lambda _: None)
        self._clock = clock or Clock()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._explorers = explorers
        self._references = ReferenceDesk(folder, settings)
        self._tasks = TaskDesk(folder, settings, explorers, self._wake.set)
        self._step = "opening the campaign"
        self.campaign = Campaign()

    def wake(self) -> None:
        """Look at the inbox now."""
        self._wake.set()

    def close(self) -> None:
        """Leave the loop as it is; the log says nothing, so the next runner goes on."""
        self._closing.set()
        self._wake.set()

    def run(self, start: RunControlled | None = None) -> Campaign:
        """Own the folder until the campaign rests or `close` is called.

        Parameters
        ----------
        start : written first, unless the campaign runs already or has nothing left to spend

        Raises
        ------
        CampaignBusyError
            if another process owns the folder
        StorageError
            if the disk or the database does not do its part; what was written is safe
        DeltadeskError
            if campaign.toml no longer fits the campaign, or what it is to be given cannot be used
        """
        given = self._gather()
        with folder_lock(self.folder / LOCK, patience=BRIEF):
            store = Store.create(self.folder)
            try:
                self.campaign = fold(store.events())
                self._clock.not_before(self.campaign.time)
                if self._closing.is_set():
                    return self.campaign
                self._open(store, start, given)
                self._loop(store)
            finally:
                store.close()
        return self.campaign

    def _gather(self) -> list[tuple[LabelsImported, list[Imported]]]:
        """Labels from outside; none for a campaign that has begun, which has its copies."""
        if not self._settings.pretraining or _has_begun(self.folder):
            return []
        future = self._explorers.submit(gather, self.folder.resolve(), self._settings)
        while not self._closing.is_set():
            try:
                return list(future.result(timeout=PATIENCE))
            except StillBusyError:
                continue
        return []

    def _open(
        self, store: Store, start: RunControlled | None, given: list[tuple[LabelsImported, list[Imported]]]
    ) -> None:
        with writing(store, self.campaign, self._clock.now()) as writer:
            begins = self.campaign.rules is None
            for event in opening_events(self.campaign, self._settings):
                writer.append(event)
            for imported, labels in given if begins else ():
                writer.append(imported)
                for label in labels:
                    writer.rows.add_imported(label)
            if start is not None and _can_start(writer.campaign):
                writer.append(start)
            self._references.recover(writer)
        self._committed(writer)
        self._references.start(store)

    def _loop(self, store: Store) -> None:
        while not self._closing.is_set():
            self._wake.clear()
            try:
                busy = self._tick(store)
            except StorageError:  # no log can take this: who called is told
                raise
            except Exception:  # the seam: whatever breaks is written down and shown
                if not self._closing.is_set():  # else its workers may have been ended under it
                    self._crashed(store, traceback.format_exc(limit=-3))
                break
            if self._rests(store):
                break
            if not busy:
                self._wake.wait(PATIENCE)

    def _tick(self, store: Store) -> bool:
        with writing(store, self.campaign, self._clock.now()) as writer:
            self._step = "answering the inbox"
            self._answer(store, writer)
            self._step = "collecting reference calculations"
            self._references.collect(store, writer)
            self._step = "collecting the workers' results"
            self._tasks.collect(writer)
            self._step = "deciding"
            self._apply_policy(writer)
            self._owe(store, writer)
        self._committed(writer)
        self._step = "starting and cancelling reference calculations"
        self._references.start(store)
        for candidate in self.campaign.with_status(Status.SUBMITTED):
            if candidate.cancel is not None:
                self._references.cancel(candidate.id, candidate.attempt)
        self._step = "handing work to the workers"
        self._tasks.start(store, self.campaign)
        return writer.wrote

    def _committed(self, writer: Writer) -> None:
        self.campaign = writer.campaign
        if writer.wrote:
            for item in writer.rows.recorded:
                self._listen(item)

    def _answer(self, store: Store, writer: Writer) -> None:
        for wish in store.pending():
            if wish.command is None:
                refusal = "the command could not be read"
                writer.append(
                    CommandRefused(command="unreadable", by="unknown", auth="local", reason=refusal),
                    wish.command_id,
                )
            else:
                for event in decide(writer.campaign, wish.command, writer.now):
                    writer.append(event, wish.command_id)
                    if isinstance(event, VetoRuleAdopted):
                        flag_waiting(store, writer)
            writer.rows.consume(wish.id)

    def _apply_policy(self, writer: Writer) -> None:
        rules = writer.campaign.rules
        if rules is None or writer.campaign.state != "running":
            return
        policy = POLICIES[rules.policy]
        for candidate in writer.campaign.waiting:
            command = policy(writer.campaign, candidate)
            if command is not None:
                for event in decide(writer.campaign, command, writer.now):
                    writer.append(event)

    def _owe(self, store: Store, writer: Writer) -> None:
        exhausted = self._tasks.exhausted(store)
        actions = due(
            writer.campaign,
            writer.now,
            exhausted=exhausted,
            quiet=self._tasks.quiet(store, writer.campaign),
            unmeasured=self._tasks.unmeasured(store, writer.campaign),
            unwatched=self._tasks.unwatched(store, writer.campaign),
            unbridged=self._tasks.unbridged(writer.campaign),
        )
        for action in actions:
            match action:
                case Submit(candidate, attempt):
                    self._references.owe(writer, candidate, attempt)
                case Follow() | Rework() | Refit() | Characterise() | Observe() | Bridge():
                    self._tasks.owe(action)
                case Control(vetoed):
                    ask_again(store, writer, vetoed)
                case Finish(reason):
                    writer.append(_of_itself("finish", reason))
                case Pause(reason):
                    writer.append(_of_itself("pause", reason))

    def _rests(self, store: Store) -> bool:
        """Nothing runs, nothing is owed and nobody asks: the thread may end (a later wish starts another)."""
        resting = self.campaign.state in ("stopped", "finished", "failed") or self.campaign.tripped
        return resting and not self._references.busy and not store.pending()

    def _crashed(self, store: Store, trace: str) -> None:
        reason = f"while {self._step}: {trace.strip().splitlines()[-1]}"
        with suppress(OSError):
            (self.folder / "crash.log").write_text(trace)
        with writing(store, self.campaign, self._clock.now()) as writer:
            writer.append(_of_itself("crash", reason))
        self._committed(writer)


def _of_itself(action: Literal["pause", "finish", "crash"], reason: str) -> RunControlled:
    return RunControlled(action=action, by="engine", auth="engine", reason=reason)


def _has_begun(folder: Path) -> bool:
    if not (folder / FILENAME).exists():
        return False
    store = Store(folder)
    try:
        return bool(store.events(kinds=[CampaignStarted.__name__]))
    finally:
        store.close()


def _can_start(campaign: Campaign) -> bool:
    if campaign.state == "finished":
        return campaign.left > 0 or bool(campaign.with_status(Status.APPROVED))
    return campaign.state != "running"
