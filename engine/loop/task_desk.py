"""The runner's free work: steps of a search, selections, refits and measurements, each in a worker.

One task of each kind is out at a time, and a search's chain of steps is one task after another; whose step is
next, the searches' shares say. In lockstep one task is out altogether, so the same seed gives the same
campaign. What came of a task is written by :mod:`engine.loop.results`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from loky.process_executor import BrokenProcessPool

from engine.config import CampaignSettings
from engine.config.base import MOST
from engine.core import (
    BARE_MODEL,
    Bridge,
    Campaign,
    Characterise,
    Follow,
    Observe,
    Refit,
    Rework,
    explores,
    loads,
    next_search,
    selects,
)
from engine.loop.explorers import Explorers
from engine.loop.messages import (
    Connect,
    Edit,
    Explore,
    Explored,
    Fit,
    Lead,
    Measure,
    Request,
    Select,
    Watch,
    dual_step,
    perform,
    search_of,
)
from engine.loop.results import take
from engine.loop.writer import Writer
from engine.store import REFERENCE, Store

RETRIES = 2  # new starts of a task whose worker died

Owed: TypeAlias = Follow | Rework | Refit | Characterise | Observe | Bridge
_KEYS: dict[type[Owed], str] = {
    Follow: "lead",
    Rework: "edit",
    Refit: "fit",
    Characterise: "measure",
    Observe: "watch",
    Bridge: "connect",
}


@dataclass
class Task:
    """A request that a worker owes us."""

    request: Request
    future: Future[Any]
    retries: int


class TaskDesk:
    """Knows the tasks that are out; what they need stands in the database.

    Parameters
    ----------
    folder, settings : the campaign
    explorers : workers, shared with other campaigns
    wake : called from another thread when a task is done
    """

    def __init__(
        self, folder: Path, settings: CampaignSettings, explorers: Explorers, wake: Callable[[], None]
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._explorers = explorers
        self._wake = wake
        self._given = [search.name for search in settings.search if search.finite]
        self._over: set[str] = set()
        self._out: dict[str, Task] = {}
        self._owed: dict[str, Owed] = {}
        self._measured: set[str] = set()
        self._watched: set[str] = set()
        self._pairs: dict[str, tuple[tuple[str, str], ...]] = {}
        self._quiet: dict[str, tuple[str, int, int]] | None = None  # model, event of the start, frames

    def owe(self, action: Owed) -> None:
        """Do this as soon as `start` is called; the first one of a kind that is owed."""
        self._owed.setdefault(_KEYS[type(action)], action)

    def start(self, store: Store, campaign: Campaign) -> None:
        """Hand out what is due, unless it is out already."""
        owed, self._owed = self._owed, {}
        lockstep = campaign.rules is not None and campaign.rules.pace == "lockstep"
        for key, action in owed.items():
            if key in self._out or (lockstep and self._out):
                continue
            self._start_owed(store, campaign, key, action)
        if campaign.state != "running" or (lockstep and self._out):
            return
        fresh = store.count_pool(campaign.model_id, self._given)
        offering = self._offering(store)
        if offering:
            if loads(campaign):
                self._load(store, campaign, offering)
        elif "select" not in self._out and selects(campaign, fresh, ended=self._all_given):
            self._start_select(store, campaign)
        elif not self._all_given and explores(campaign, fresh):
            self._start_searches(store, campaign, 1 if lockstep else self._explorers.count)

    def _start_owed(self, store: Store, campaign: Campaign, key: str, action: Owed) -> None:
        match action:
            case Follow(leader):
                self._start_lead(store, campaign, leader)
            case Rework(edit):
                self._start_edit(store, campaign, edit)
            case Refit():
                self._start_fit(store, campaign, action)
            case Characterise(model_id):
                self._hand_out(key, Measure(self._folder, self._settings, model_id))
            case Observe(model_id):
                labels, veto_rules = campaign.labels, campaign.veto_rules
                self._hand_out(key, Watch(self._folder, self._settings, model_id, labels, veto_rules))
            case Bridge(model_id):
                left = self._pairs.get(model_id)
                self._hand_out(key, Connect(self._folder, self._settings, model_id, left))

    def exhausted(self, store: Store) -> bool:
        """Whether the searches offered all they have, and everything was selected."""
        if not self._all_given or self._offering(store):
            return False
        return "select" not in self._out and store.count_pool("", self._given) == 0

    def quiet(self, store: Store, campaign: Campaign) -> int:
        """Frames that molecular dynamics judged in the present model since it last proposed one.

        Counted from the last start or resume on, also by who goes on after a kill. 0 where nobody asks, or
        another search looks for structures as well.
        """
        if not self._settings.stop.quiet or any(search.name != "md" for search in self._settings.search):
            return 0
        now = campaign.model_id, campaign.run_seq
        if self._quiet is None:
            self._quiet = {chain: (*now, frames) for chain, frames in store.quiet(*now).items()}
        lockstep = campaign.rules is not None and campaign.rules.pace == "lockstep"
        go_on = {f"md/{k}" for k in range(1 if lockstep else self._explorers.count)}
        counts = [
            frames
            for chain, (model_id, run, frames) in self._quiet.items()
            if (model_id, run) == now and chain in go_on
        ]
        return len(counts) * min(counts, default=0)  # chains run side by side: since any of them proposed one

    def unmeasured(self, store: Store, campaign: Campaign) -> str | None:
        """The next model, or the reference, whose properties are asked for and not measured yet."""
        asked = self._settings.properties
        if not asked.measure:
            return None
        self._measured = self._measured or {one.model_id for one in store.measured()}
        accepted = [model.model_id for model in campaign.models if model.accepted]
        wanted = [REFERENCE, *accepted] if asked.reference else accepted
        return next((model_id for model_id in wanted if model_id not in self._measured), None)

    def unwatched(self, store: Store, campaign: Campaign) -> str | None:
        """The present model, if there is to be a watch and it has not had its own."""
        if not self._settings.watch.frames or campaign.model_id == BARE_MODEL:
            return None
        self._watched = self._watched or {one.model_id for one in store.watched()}
        return None if campaign.model_id in self._watched else campaign.model_id

    def unbridged(self, campaign: Campaign) -> str | None:
        """The present model, if barriers are asked for and pairs may be left to look at in it."""
        if not self._settings.landscape.barriers or campaign.model_id == BARE_MODEL:
            return None
        return None if self._pairs.get(campaign.model_id) == () else campaign.model_id

    @property
    def _all_given(self) -> bool:
        """Whether every search offers a given set."""
        return len(self._given) == len(self._settings.search)

    def _offering(self, store: Store) -> list[str]:
        """Chains of given sets that have more to offer."""
        for chain in {f"{name}/0" for name in self._given} - self._over:
            last = store.last_step(chain)
            if last is not None and last.state.get("done"):
                self._over.add(chain)
        return [f"{name}/0" for name in self._given if f"{name}/0" not in self._over]

    def _load(self, store: Store, campaign: Campaign, chains: list[str]) -> None:
        """The next part of the first set; one after the other, so that a set's order is its file's."""
        if not any(isinstance(task.request, Explore) for task in self._out.values()):
            self._start_explore(store, campaign, chains[0])

    def collect(self, writer: Writer) -> None:
        """Write the results that are in.

        Raises
        ------
        Exception
            what a task raised, or `BrokenProcessPool` once its worker has died too often, at last alone
        """
        for key, task in list(self._out.items()):
            if not task.future.done():
                continue
            del self._out[key]
            try:
                result = task.future.result()
            except BrokenProcessPool:
                if task.retries == RETRIES:
                    raise
                self._hand_out(key, task.request, task.retries + 1)
                continue
            self._take(writer, task.request, result)

    def _take(self, writer: Writer, request: Request, result: Any) -> None:
        take(writer, request, result)
        match request, result:
            case Explore(), Explored():
                self._count_quiet(request, result, writer.campaign.run_seq)
            case Measure(), _:
                self._measured.add(result.model_id)
            case Watch(), _:
                self._watched.add(request.model_id)
            case Connect(), _:
                self._pairs[request.model_id] = result.left

    def _count_quiet(self, request: Explore, result: Explored, run: int) -> None:
        if self._quiet is None:
            return
        *then, frames = self._quiet.get(request.chain, ("", 0, 0))
        before = frames if then == [request.model_id, run] else 0
        judged = result.state.get("judged", 0) - (request.state or {}).get("judged", 0)
        self._quiet[request.chain] = (request.model_id, run, 0 if result.found else before + judged)

    def _start_searches(self, store: Store, campaign: Campaign, at_once: int) -> None:
        """Fill the places that are free, by the searches' shares since the settings were made."""
        shares = {search.name: search.share for search in self._settings.search if not search.finite}
        begun = [task.request.search for task in self._out.values() if isinstance(task.request, Explore)]
        if len(begun) >= at_once:
            return
        taken = Counter(begun)
        for chain, steps in store.count_steps(campaign.settings_seq).items():
            taken[search_of(chain)] += steps
        for _ in range(at_once - len(begun)):
            name = next_search(shares, taken)
            taken[name] += 1
            chains = (f"{name}/{k}" for k in range(at_once))
            self._start_explore(store, campaign, next(chain for chain in chains if chain not in self._out))

    def _start_explore(self, store: Store, campaign: Campaign, chain: str) -> None:
        last = store.last_step(chain)
        step, state = (0, None) if last is None else (last.step + 1, last.state)
        request = Explore(
            self._folder, self._settings, campaign.model_id, chain, step, state, campaign.labels
        )
        self._hand_out(chain, request)

    def _start_select(self, store: Store, campaign: Campaign) -> None:
        rules = campaign.rules
        limit = MOST if rules is None or self._all_given else max(rules.pool, 2 * rules.batch)
        self._hand_out(
            "select",
            Select(
                self._folder,
                self._settings,
                campaign.model_id,
                pool=tuple(store.pool(limit)),
                known=tuple(sorted(campaign.candidates)),
                labels=campaign.labels,
                quarantined=tuple(candidate.id for candidate in campaign.quarantined),
                n_imported=campaign.n_imported,
                veto_rules=campaign.veto_rules,
            ),
        )

    def _start_lead(self, store: Store, campaign: Campaign, leader: str) -> None:
        (row,) = store.proposals([leader])
        step = dual_step(self._settings, search_of(row.generator))
        self._hand_out(
            "lead",
            Lead(self._folder, self._settings, campaign.model_id, leader, row.generator, row.step, step),
        )

    def _start_edit(self, store: Store, campaign: Campaign, name: str) -> None:
        edit = next(edit for edit in campaign.edits if edit.edit == name)
        (row,) = store.proposals([edit.parent])
        self._hand_out(
            "edit",
            Edit(
                self._folder,
                self._settings,
                campaign.model_id,
                edit=name,
                parent=edit.parent,
                search=search_of(row.generator),
                moves=edit.moves,
                steps=edit.steps,
                veto_rules=campaign.veto_rules,
            ),
        )

    def _start_fit(self, store: Store, campaign: Campaign, refit: Refit) -> None:
        self._hand_out(
            "fit",
            Fit(
                self._folder,
                self._settings,
                campaign.model_id,
                new_id=refit.model_id,
                n_known=campaign.n_fitted,
                labels=refit.labels,
                waiting=tuple(candidate.id for candidate in campaign.waiting),
                probe=tuple(store.probe(self._settings.selection.probe)),
            ),
        )

    def _hand_out(self, key: str, request: Request, retries: int = 0) -> None:
        # a worker that dies takes along the tasks of others: the last try says who is to blame
        last = retries == RETRIES
        submit = self._explorers.submit_alone if last else self._explorers.submit
        future = submit(perform, request)
        future.add_done_callback(lambda _: self._wake())
        self._out[key] = Task(request, future, retries)
