"""What this server holds: one runner thread an open campaign, one follower a campaign that is looked at."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dashboard import people
from dashboard.drafts import Drafts
from dashboard.people import Person
from dashboard.presence import Presence
from dashboard.rights import Rights
from engine import campaigns, config, recordings
from engine.core import STATE_AFTER, AnyCommand, Campaign, RetryReference, RunControlled
from engine.errors import CampaignBusyError, CampaignError, DeltadeskError, one_line
from engine.loop import Explorers, Follower, Runner
from engine.store import Store
from engine.store.connection import FILENAME

REPLAY = "DELTADESK_REPLAY"
"""Set by `deltadesk replay`: nothing runs here, and a campaign is looked at from its first event on."""
FOLDERS = "DELTADESK_CAMPAIGNS"
"""Campaign folders outside DELTADESK_HOME that `deltadesk serve` was given: a list in JSON."""
ANSWERS = 8  # of workers, kept for whoever asks the same: some MB each


@dataclass
class _Running:
    runner: Runner
    thread: threading.Thread
    rests: bool = False


class Runtime:
    """Campaigns of this server, by name (the folder's).

    Attributes
    ----------
    presence : who looks at which of them now
    replays : whether campaigns are only looked at here, from their first event on
    drafts : makes campaigns and changes their settings
    """

    def __init__(self) -> None:
        self.presence = Presence()
        self._explorers = Explorers()
        self._figures = Explorers(1)  # holds torch, for which no preview waits
        self._scratch: TemporaryDirectory[str] | None = None
        self._answers: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._followers: dict[str, Follower] = {}
        self._running: dict[str, _Running] = {}
        self._problems: dict[str, str] = {}
        self._unreadable: dict[str, str] = {}
        self._lock = threading.Lock()
        self._closed = False
        self.replays = bool(os.environ.get(REPLAY))
        self._rights = Rights(replays=self.replays)
        self.drafts = Drafts(self._rights, lambda: self.scratch, self.folders)

    def folders(self) -> dict[str, Path]:
        """Campaign folders by name: those of DELTADESK_HOME, and those the server was given."""
        given = [Path(part) for part in json.loads(os.environ.get(FOLDERS) or "[]")]
        mine = [] if self.replays else campaigns.in_home()
        return {folder.name: folder for folder in [*mine, *given]}

    def past(self, name: str) -> Path:
        """Folder of a campaign, or of a recording that came with deltadesk, to be looked back at.

        Raises
        ------
        CampaignError
            if there is no such campaign
        """
        folder = self.folders().get(name)
        return recordings.unpacked(name.removesuffix(recordings.SUFFIX)) if folder is None else folder

    def follower(self, name: str) -> Follower | None:
        """The follower of a campaign, or None for a name that is not here or was never started.

        None too where its database cannot be opened: `problem` says why.
        """
        with self._lock, self._reading(name):
            if name not in self._followers:
                folder = self.folders().get(name)
                if folder is None or not (folder / FILENAME).exists():
                    self._unreadable.pop(name, None)
                    return None
                self._followers[name] = Follower(folder)
            return self._followers[name]
        return None

    def newest(self, name: str, at_most: int) -> Campaign | None:
        """The newest snapshot of a campaign, after a look at so many events at most.

        None for one without a follower, while there are more to read, and where one cannot be read:
        `problem` says why, and no other campaign suffers.
        """
        follower = self.follower(name)
        if follower is None:
            return None
        with self._reading(name):
            campaign = follower.catch_up(at_most)
            running = self._running.get(name)
            if campaign is not None and running is not None:
                follower.share(running.runner.campaign)
                campaign = follower.campaign
            self._unreadable.pop(name, None)
            return campaign
        return None

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        try:
            yield
        except (DeltadeskError, ValueError, OSError) as error:
            self._unreadable[name] = one_line(error)

    def problem(self, name: str) -> str:
        """Why a campaign could not be run or read here, in one line; empty if it could."""
        return self._problems.get(name) or self.unreadable(name)

    def unreadable(self, name: str) -> str:
        """Why a campaign could not be read when it was last looked at; empty if it could."""
        return self._unreadable.get(name, "")

    def resume_all(self) -> None:
        """Go on with every campaign whose log says that it runs, or waits for a calculation."""
        for name in () if self.replays else self.folders():
            try:
                follower = self.follower(name)
                if follower is not None and _goes_on(follower.store):
                    self._run(name)
            except (DeltadeskError, ValueError) as error:
                self._problems[name] = str(error)

    def start_demo(self, by: Person) -> str:
        """Make a campaign from the demo's template, start it, and return its name."""
        self._rights.require(by, "administer", "new campaign")
        folder = campaigns.new_in_home(taken=self.folders())
        self.start(folder.name, RunControlled(action="start", by=by.name, auth=by.auth))
        return folder.name

    def start(self, name: str, start: RunControlled) -> None:
        """Start a campaign that has never run.

        Raises
        ------
        DeltadeskError
            if campaign.toml cannot be used here
        NotAllowedError
            if the person's role is not enough
        """
        self._rights.require(Person(start.by, start.auth), "administer", "start", name)
        folder = self.folders().get(name)
        if folder is None:
            raise CampaignError(f"there is no campaign {name}")
        campaigns.preflight(folder, config.load(folder))
        Store.create(folder).close()  # so that followers can open it at once
        self._run(name, start)

    def ask(self, key: Hashable, task: Callable[..., Any], *args: Any) -> Future[Any]:
        """What a figure shows, computed in a worker; the same question is asked once for all."""
        with self._lock:
            known = self._answers.pop(key, None)
            lost = known is not None and known.done() and known.exception() is not None
            answer = self._figures.submit(task, *args) if known is None or lost else known
            self._answers[key] = answer
            while len(self._answers) > ANSWERS:
                self._answers.popitem(last=False)
            return answer

    def post(self, name: str, commands: Sequence[AnyCommand]) -> list[str]:
        """Leave wishes for whoever runs the campaign, all or none, and see that somebody does.

        Raises
        ------
        CampaignError
            if there is no such campaign
        NotAllowedError
            if the role of whose wish it is is not enough
        """
        for command in commands:
            needed = people.needed_for(command)
            self._rights.require(Person(command.by, command.auth), needed, command.kind, name)
            if isinstance(command, RetryReference):
                changes = command.change.model_dump(mode="json")
                self._rights.refuse_code(Person(command.by, command.auth), changes, command.kind, name)
        follower = self.follower(name)
        if follower is None:
            raise CampaignError(self.problem(name) or f"there is no campaign {name}")
        posted = follower.post(commands)
        self.tend(name)
        return posted

    @property
    def scratch(self) -> Path:
        """Folder of files that people bring or take away, for as long as this server lives."""
        with self._lock:
            if self._scratch is None:
                self._scratch = TemporaryDirectory(prefix="deltadesk-")
            return Path(self._scratch.name)

    def tend(self, name: str) -> None:
        """See that wishes are answered: wake the runner, or start one if none is left.

        Where none can be started `problem` says why; what was posted is kept for the one that can.
        """
        with self._lock:
            running = self._running.get(name)
            if running is not None and not running.rests:
                running.runner.wake()
                return
        try:
            self._run(name)
        except DeltadeskError as error:
            self._problems[name] = str(error)

    def close(self) -> None:
        """End all threads and workers; the logs stay as they are, so the next server goes on."""
        self._closed = True
        for running in self._running.values():
            running.runner.close()
        # first the threads: one that still looks at its workers would take their end for a crash
        for running in self._running.values():
            running.thread.join(timeout=2.0)
        self._explorers.close()
        self.drafts.close()
        self._figures.close()
        if self._scratch is not None:
            self._scratch.cleanup()

    def _run(self, name: str, start: RunControlled | None = None) -> None:
        with self._lock:
            running = self._running.get(name)
            if running is not None and not running.rests:
                return
            folder = self.folders()[name]
            settings = config.load(folder)
            campaigns.preflight(folder, settings)
            runner = Runner(folder, settings, self._explorers)
            thread = threading.Thread(
                target=self._own, args=(name, runner, start), name=f"runner {name}", daemon=True
            )
            self._running[name] = _Running(runner, thread)
            thread.start()

    def _own(self, name: str, runner: Runner, start: RunControlled | None) -> None:
        self._problems.pop(name, None)
        missed = False
        try:
            runner.run(start)
        except CampaignBusyError:
            pass  # another process is its writer; wishes reach it through the inbox
        except DeltadeskError as error:
            self._problems[name] = str(error)
        except Exception as error:  # the seam: a thread's last word must reach the page
            logging.getLogger(__name__).exception("the runner of %s ended", name)
            self._problems[name] = f"{type(error).__name__}: {error}"
        else:
            missed = not self._closed and runner.campaign.state != "failed"
        with self._lock:
            self._running[name].rests = True
        follower = self.follower(name) if missed else None
        if follower is not None and follower.store.pending():  # posted in the moment when it came to rest
            self.tend(name)


def _goes_on(store: Store) -> bool:
    last = store.last_event("RunControlled")
    if last is None or not isinstance(last.event, RunControlled):
        return False
    return STATE_AFTER[last.event.action] in ("running", "paused") or store.calculates()


@cache
def runtime() -> Runtime:
    """The one runtime of this server process."""
    return Runtime()
