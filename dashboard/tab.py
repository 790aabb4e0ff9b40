"""One browser tab: where it is, what it looks at, and the newest snapshot of its campaign."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import param

from dashboard import people
from dashboard.decided import Decided, shown_since, step_of
from dashboard.people import Person, Role
from dashboard.playback import Playback
from dashboard.presence import Place
from dashboard.queue_view import QueueView, arrange
from dashboard.runtime import Runtime
from dashboard.words import age
from engine.core import (
    Campaign,
    Candidate,
    CandidateEdited,
    CandidateVetoed,
    CommandRefused,
    DecisionUndone,
    EditAsked,
    Recorded,
    Status,
)
from engine.errors import DeltadeskError
from engine.loop import Follower, Replay

PAGES = ("runs", "new", "live", "review", "landscape", "data", "audit", "settings")
SHOW_A_CANDIDATE = ("review", "landscape", "data")
RECENT = 600.0  # s for which a decision is still this person's last one after a reload
PIECE = 4_000  # events read at one look, under half a second; no other page is answered meanwhile
TAKEN_BACK = (Status.APPROVED, Status.VETOED)  # who is deferred waits already
CONFLICT = 20.0  # s that a card stays after somebody else decided it


@dataclass(frozen=True)
class Sent:
    """A decision of this tab that the log does not answer yet."""

    command_id: str
    candidate: str
    kind: str
    time: float


class Tab(param.Parameterized):
    """State of one tab. Panels watch its parameters; only `refresh` and the person change them."""

    campaign = param.String(default="", doc="Name of the campaign on the screen.")
    page = param.Selector(default="runs", objects=list(PAGES), doc="Page on the screen.")
    candidate = param.String(default=None, allow_None=True, doc="Candidate on the screen.")
    section = param.String(default="", doc="Part of the page Data & model on the screen.")
    snapshot = param.Parameter(default=None, doc="engine.core.Campaign, or None before one is open.")
    sent = param.Dict(default={}, doc="Decisions on their way, by candidate.")
    taken_back = param.Dict(default={}, doc="Ids of the wishes that undo a decision and are on their way.")
    queue_view = param.Parameter(default=QueueView(), doc="What the queue shows, and in which order.")
    marked = param.List(default=[], item_type=str, doc="Candidates taken together for one decision.")
    conflicts = param.Dict(default={}, doc="When somebody else's decision beat this tab's, by candidate.")
    playback = param.Parameter(default=None, doc="dashboard.playback.Playback while the past is looked at.")
    template = param.String(default="", doc="Campaign that the page New campaign starts from.")

    def __init__(self, runtime: Runtime, person: Person, **params: Any) -> None:
        super().__init__(**params)
        self.runtime = runtime
        self.person = person
        self.notify: Callable[..., object] = lambda text, tone, **offer: None  # noqa: ARG005
        self.soon: Callable[[Callable[[], object], int], object] = lambda callback, ms: None  # noqa: ARG005
        self.connected: Callable[[], bool] = lambda: True
        self.signed_in: Callable[[], bool] = lambda: True
        self.behind: frozenset[str] = frozenset()
        self._decided = Decided()
        self._posted: set[str] = set()
        self._edits: set[str] = set()
        self._look_at: str | None = None
        self._queue: tuple[tuple[Any, ...], list[Candidate]] | None = None
        self._answered: dict[str, int] = {}

    def may(self, needed: Role) -> bool:
        """Whether the person's role is enough here; the server asks again at every wish.

        Nobody may more than look at the past.
        """
        past = self.playback is not None or self.runtime.replays
        return (needed == "look" or not past) and people.may(self.person, needed)

    def appear(self) -> None:
        """Let the others see where this tab is, as long as its browser is there."""
        presence = self.runtime.presence
        if self.connected():
            candidate = self.candidate if self.page in SHOW_A_CANDIDATE else None
            presence.put(self.name, Place(self.person, self.campaign, candidate))
        else:
            presence.leave(self.name)

    def end(self, _session_context: object) -> None:
        """Leave nothing behind: the browser is gone."""
        self.runtime.presence.leave(self.name)
        if self.playback is not None:
            self.playback.replay.close()

    @property
    def others(self) -> list[Place]:
        """Where everybody else in this campaign is."""
        return self.runtime.presence.others(self.person, self.campaign)

    @property
    def follower(self) -> Follower | None:
        """The follower of the campaign on the screen: of its past while that is looked at."""
        if self.playback is not None:
            return cast("Follower", self.playback.replay)
        return self.runtime.follower(self.campaign) if self.campaign else None

    @property
    def waiting(self) -> list[Candidate]:
        """Candidates to review, without those just decided in this tab, with those just taken back."""
        snapshot, sent, back = self.snapshot, self.sent, self.taken_back
        if snapshot is None:
            return []
        waiting = list(snapshot.waiting)
        if sent:
            waiting = [c for c in waiting if c.id not in sent or c.id in back]
        again = [snapshot.candidates[name] for name in back if name in snapshot.candidates]
        # one that has failed before does not wait again, but has failed again
        if again := [
            candidate for candidate in again if candidate.status in TAKEN_BACK and not candidate.failures
        ]:
            waiting = sorted([*waiting, *again], key=lambda c: (c.order, c.rank))
        return waiting

    @property
    def queue(self) -> list[Candidate]:
        """Those of them that the person wants to see, in the order they are gone through.

        What is to come `behind` comes later.
        """
        of = (self.snapshot, self.sent, self.taken_back, self.queue_view, self.behind)
        ages = self.queue_view.show == "new"
        if (
            ages
            or self._queue is None
            or any(new is not old for new, old in zip(of, self._queue[0], strict=True))
        ):
            self._queue = of, arrange(self.waiting, self.queue_view, self.now, self.behind)
        return self._queue[1]

    @property
    def now(self) -> float:
        """The time that ages count to (s since 1970): of the newest event while the past is looked at."""
        return time.time() if self.playback is None else float(self.playback.last.time)

    # ---- reading

    def open(self, name: str, page: str = "") -> None:
        """Look at another campaign."""
        self._decided = Decided()
        self._leave_the_past()
        self.param.update(
            campaign=name,
            candidate=None,
            sent={},
            taken_back={},
            conflicts={},
            marked=[],
            queue_view=QueueView(),
            snapshot=None,
        )
        self.refresh()
        if page:
            self.page = page

    def look_back(self, name: str, at: int = 1) -> None:
        """Look at a campaign as it was known after its first `at` events."""
        self.open(name)

        def begun() -> Playback:
            playback = Playback(Replay(self.runtime.past(name)))
            playback.go(at)
            return playback

        # a log that breaks off in the middle would stop its replay there
        playback = None if self.runtime.unreadable(name) else self.guard(begun)
        if playback is not None:
            self.playback = playback
            self._look_at_the_event(playback)

    def look_back_from_now(self) -> None:
        """Look at the past of what is on the screen; it begins at the present, and nothing changes yet."""
        snapshot, candidate = self.snapshot, self.candidate
        if snapshot is not None and self.playback is None:
            self.look_back(self.campaign, snapshot.seq)
            if candidate in snapshot.candidates:
                self.candidate = candidate

    def come_back(self) -> None:
        """Look at the present again; a recording has none."""
        self._leave_the_past()
        if self.campaign in self.runtime.folders():
            self.refresh()
        else:
            self.open("", "runs")

    def _leave_the_past(self) -> None:
        playback = self.playback
        if playback is not None:
            self.param.update(playback=None, snapshot=None, candidate=None)
            playback.replay.close()

    def move_in_time(self, move: Callable[[Playback], object]) -> None:
        """Let the playback go somewhere, and look at what its newest event is about."""
        playback: Playback | None = self.playback
        if playback is None:
            return
        before, asked = playback.last, playback.question
        move(playback)
        if playback.question is not None and playback.question != asked:
            self.param.update(candidate=playback.question, page="review")
        elif playback.last is not before:
            self._look_at_the_event(playback)

    def _look_at_the_event(self, playback: Playback) -> None:
        """Show what is known at it, and the candidate that it is about."""
        about, there = getattr(playback.last.event, "candidate", None), playback.replay.campaign.candidates
        with param.parameterized.batch_call_watchers(self):
            self.refresh()
            if about in there:
                self.candidate = about
            elif self.candidate not in there:
                self.candidate = None

    def answer(self, *, approves: bool) -> None:
        """Say what one would have done with the candidate that the playback asks about."""
        now = time.monotonic()
        self.move_in_time(lambda playback: playback.answer(approves=approves, now=now))

    def refresh(self) -> None:
        """Take the newest snapshot, if there is one."""
        self._forget_conflicts()
        follower = self.follower
        if follower is None:
            if self.snapshot is not None:
                self.snapshot = None
            return
        past = self.playback
        snapshot = self.runtime.newest(self.campaign, PIECE) if past is None else past.replay.campaign
        if snapshot is None:
            return  # a long log: the next look reads on; or one that cannot be read
        if self.snapshot is not None and self.snapshot.seq == snapshot.seq:
            if self.sent or self.taken_back:
                self.runtime.tend(self.campaign)
            return
        if self.playback is not None:
            with param.parameterized.batch_call_watchers(self):
                self.snapshot = snapshot
                self._keep_a_candidate()
            return
        if self.snapshot is None:
            self._decided = self._decided_lately(snapshot)
        sent, conflicts = dict(self.sent), dict(self.conflicts)
        answered = set()
        for item in follower.since(self._answered.setdefault(self.campaign, snapshot.seq)):
            answered.add(item.command_id)
            self._hear(item, sent, conflicts)
        self._answered[self.campaign] = snapshot.seq
        with param.parameterized.batch_call_watchers(self):
            self.sent = sent
            if answered.intersection(self.taken_back.values()):
                back = {name: wish for name, wish in self.taken_back.items() if wish not in answered}
                self.taken_back = back
            self.conflicts = conflicts
            self.snapshot = snapshot
            if self._look_at is not None:
                self.candidate, self._look_at = self._look_at, None
            self._keep_a_candidate()
            self._keep_marks()

    def _decided_lately(self, snapshot: Campaign) -> Decided:
        """What this person decided before the page was opened again, oldest first."""
        since, me = time.time() - RECENT, (self.person.name, self.person.auth)
        lately = sorted(
            (c.decision.time, c.id)
            for c in snapshot.with_status(Status.APPROVED, Status.VETOED, Status.DEFERRED)
            if c.decision and (c.decision.by, c.decision.auth) == me and c.decision.time > since
        )
        follower = self.follower
        shown = shown_since(follower.store, since) if lately and follower is not None else {}
        steps = [step_of(snapshot.candidates[name], shown.get((name, when))) for when, name in lately]
        return Decided([step for step in steps if step is not None])

    def _hear(self, item: Recorded, sent: dict[str, Sent], conflicts: dict[str, float]) -> None:
        """One event: it may answer a wish of this tab, or beat a decision of it."""
        event = item.event
        if item.command_id in self._posted:
            for mine in [s for s in sent.values() if s.command_id == item.command_id]:
                del sent[mine.candidate]
            if isinstance(event, EditAsked):
                self._edits.add(event.edit)
            if not isinstance(event, CommandRefused):
                return
            self._say_refused(event)
            if event.candidate is not None and event.candidate in self._decided:
                self._decided.forget(event.candidate)
                conflicts[event.candidate] = time.time()
        elif (
            isinstance(event, CandidateVetoed | DecisionUndone)
            and event.candidate in self._decided
            and event.candidate not in sent  # else the answer to this tab's own wish says it
        ):
            self._decided.forget(event.candidate)
            conflicts[event.candidate] = time.time()
            ago = f"{age(round(time.time() - item.time))} ago"
            did = (
                f"vetoed {event.candidate} {ago}: {event.reason}"
                if isinstance(event, CandidateVetoed)
                else f"took the decision about {event.candidate} back {ago}"
            )
            self.notify(f"{event.by} {did}. Your decision no longer holds.", "bad")
        elif isinstance(event, CandidateEdited) and event.edit in self._edits:
            self._edits.remove(event.edit)
            if event.candidate is None:
                self.notify(f"{event.parent} was not edited: {event.reason}", "bad")
            else:
                self._offer_to_look(event.candidate, event.parent)

    def _offer_to_look(self, made: str, parent: str) -> None:
        """Show what came of an edit to who still looks at what it was made of; else offer it.

        A key that was meant for the candidate on the screen must not meet another one.
        """
        words, here = f"{made} came of your edit of {parent}.", self.campaign
        if self.candidate == parent:
            self._look_at = made
            self.notify(words, "good")
            return

        def look() -> None:
            if self.campaign == here:
                self.param.update(candidate=made, page="review")

        self.notify(words, "good", action="Look at it", on_action=look)

    def _say_refused(self, refused: CommandRefused) -> None:
        """Say why a wish of this tab was not granted."""
        about = f"{refused.candidate}: " if refused.candidate else ""
        self.notify(f"{about}{refused.reason}", "bad")

    def _forget_conflicts(self) -> None:
        fresh = {c: since for c, since in self.conflicts.items() if time.time() - since < CONFLICT}
        if len(fresh) < len(self.conflicts):
            self.conflicts = fresh

    def _keep_a_candidate(self) -> None:
        """Keep looking at the same candidate, or else at the first that waits."""
        if self.candidate is None:
            self.candidate = next((c.id for c in self.queue), None)

    def _keep_marks(self) -> None:
        """Only what waits is taken together."""
        if self.marked:
            waiting = {c.id for c in self.waiting}
            self.marked = [name for name in self.marked if name in waiting]

    def mark(self, step: int = 0) -> None:
        """Take the candidate on the screen together with others, or leave it out; or the next one too."""
        if step:
            if self.candidate not in self.marked and any(c.id == self.candidate for c in self.waiting):
                self.marked = [*self.marked, self.candidate]
            self.move(step)
        name = self.candidate
        if name is None or not any(c.id == name for c in self.waiting):
            return
        if name not in self.marked:
            self.marked = [*self.marked, name]
        elif not step:
            self.marked = [other for other in self.marked if other != name]

    def move(self, step: int) -> None:
        """Look at the next or the previous candidate of the queue."""
        ids = [c.id for c in self.queue]
        if not ids:
            return
        if self.candidate not in ids:
            self.candidate = ids[0]
        else:
            self.candidate = ids[max(0, min(len(ids) - 1, ids.index(self.candidate) + step))]

    @property
    def following(self) -> str | None:
        """The candidate after the one on the screen."""
        ids = [c.id for c in self.queue]
        place = ids.index(self.candidate) + 1 if self.candidate in ids else 0
        return ids[place] if place < len(ids) else None

    def guard(self, act: Callable[[], Any]) -> Any:
        """Do something that may fail in a way the person can mend: then say so."""
        try:
            return act()
        except DeltadeskError as error:
            self.notify(str(error), "bad")
            return None
