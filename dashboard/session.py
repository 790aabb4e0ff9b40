"""One browser tab: what it looks at, what it has just decided, and the newest snapshot of its campaign."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import param

from dashboard import people
from dashboard.people import Person, Role
from dashboard.playback import Playback
from dashboard.presence import Place
from dashboard.runtime import Runtime
from dashboard.words import age
from engine.config import reference_change
from engine.core import (
    AdoptVetoRule,
    AnyCommand,
    ApproveCandidate,
    Campaign,
    CancelReference,
    Candidate,
    CandidateVetoed,
    ChangeBudget,
    CommandRefused,
    ControlRun,
    DecisionUndone,
    DeferCandidate,
    DropVetoRule,
    Recorded,
    RetryReference,
    RunControlled,
    Shown,
    Status,
    UndoDecision,
    VetoCandidate,
    VetoRule,
    decide,
)
from engine.errors import DeltadeskError
from engine.loop import Follower, Replay

PAGES = ("runs", "new", "live", "review", "landscape", "data", "audit", "settings")
SHOW_A_CANDIDATE = ("review", "landscape", "data")
ANSWER_SOON = 60  # ms after a wish at which the log is read again
RECENT = 600.0  # s for which a decision is still this person's last one after a reload
CONFLICT = 20.0  # s that a card stays after somebody else decided it


@dataclass(frozen=True)
class Sent:
    """A decision of this tab that the log does not answer yet."""

    command_id: str
    candidate: str
    kind: str
    time: float


class Session(param.Parameterized):
    """State of one tab. Panels watch its parameters; only `refresh` and the person change them."""

    campaign = param.String(default="", doc="Name of the campaign on the screen.")
    page = param.Selector(default="runs", objects=list(PAGES), doc="Page on the screen.")
    candidate = param.String(default=None, allow_None=True, doc="Candidate on the screen.")
    section = param.String(default="", doc="Part of the page Data & model on the screen.")
    snapshot = param.Parameter(default=None, doc="engine.core.Campaign, or None before one is open.")
    sent = param.Dict(default={}, doc="Decisions on their way, by candidate.")
    conflicts = param.Dict(default={}, doc="When somebody else's decision beat this tab's, by candidate.")
    playback = param.Parameter(default=None, doc="dashboard.playback.Playback while the past is looked at.")
    template = param.String(default="", doc="Campaign that the page New campaign starts from.")

    def __init__(self, runtime: Runtime, person: Person, **params: Any) -> None:
        super().__init__(**params)
        self.runtime = runtime
        self.person = person
        self.notify: Callable[[str, str], object] = lambda text, tone: None  # noqa: ARG005
        self.soon: Callable[[Callable[[], object], int], object] = lambda callback, ms: None  # noqa: ARG005
        self.connected: Callable[[], bool] = lambda: True
        self.behind: frozenset[str] = frozenset()
        self._decided: list[str] = []
        self._posted: set[str] = set()
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
        """Candidates to review, without those this tab has just decided.

        What the newest model picked comes first, what is to come `behind` later; deferred ones come last.
        """
        snapshot: Campaign | None = self.snapshot
        if snapshot is None:
            return []
        waiting = [c for c in snapshot.waiting if c.id not in self.sent]
        waiting.sort(key=lambda c: c.model_id, reverse=True)
        return sorted(waiting, key=lambda c: (c.status is Status.DEFERRED, c.id in self.behind))

    @property
    def now(self) -> float:
        """The time that ages count to (s since 1970): of the newest event while the past is looked at."""
        return time.time() if self.playback is None else float(self.playback.last.time)

    # ---- reading

    def open(self, name: str, page: str = "") -> None:
        """Look at another campaign."""
        self._decided = []
        self._leave_the_past()
        self.param.update(campaign=name, candidate=None, sent={}, conflicts={}, snapshot=None)
        self.refresh()
        if page:
            self.page = page

    def look_back(self, name: str, at: int = 1) -> None:
        """Look at a campaign as it was known after its first `at` events."""
        self.open(name)
        playback = self.guard(lambda: Playback(Replay(self.runtime.past(name))))
        if playback is not None:
            playback.go(at)
            self.playback = playback
            self._look_at_the_event(playback)

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
        snapshot = follower.refresh()
        if self.snapshot is not None and self.snapshot.seq == snapshot.seq:
            if self.sent:
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
        for item in follower.since(self._answered.setdefault(self.campaign, snapshot.seq)):
            self._hear(item, sent, conflicts)
        self._answered[self.campaign] = snapshot.seq
        with param.parameterized.batch_call_watchers(self):
            self.sent = sent
            self.conflicts = conflicts
            self.snapshot = snapshot
            self._keep_a_candidate()

    def _decided_lately(self, snapshot: Campaign) -> list[str]:
        """What this person decided before the page was opened again, oldest first."""
        since, me = time.time() - RECENT, (self.person.name, self.person.auth)
        mine = [
            (c.decision.time, c.id)
            for c in snapshot.with_status(Status.APPROVED, Status.VETOED, Status.DEFERRED)
            if c.decision is not None and (c.decision.by, c.decision.auth) == me
        ]
        return [candidate for when, candidate in sorted(mine) if when > since]

    def _hear(self, item: Recorded, sent: dict[str, Sent], conflicts: dict[str, float]) -> None:
        """One event: it may answer a wish of this tab, or beat a decision of it."""
        event = item.event
        if item.command_id in self._posted:
            for mine in [s for s in sent.values() if s.command_id == item.command_id]:
                del sent[mine.candidate]
            if not isinstance(event, CommandRefused):
                return
            about = f"{event.candidate}: " if event.candidate else ""
            self.notify(f"{about}{event.reason}", "bad")
            if event.candidate in self._decided:
                self._decided.remove(event.candidate)
                conflicts[event.candidate] = time.time()
        elif (
            isinstance(event, CandidateVetoed | DecisionUndone)
            and event.candidate in self._decided
            and event.candidate not in sent  # else the answer to this tab's own wish says it
        ):
            self._decided.remove(event.candidate)
            conflicts[event.candidate] = time.time()
            ago = f"{age(round(time.time() - item.time))} ago"
            did = (
                f"vetoed {event.candidate} {ago}: {event.reason}"
                if isinstance(event, CandidateVetoed)
                else f"took the decision about {event.candidate} back {ago}"
            )
            self.notify(f"{event.by} {did}. Your decision no longer holds.", "bad")

    def _forget_conflicts(self) -> None:
        fresh = {c: since for c, since in self.conflicts.items() if time.time() - since < CONFLICT}
        if len(fresh) < len(self.conflicts):
            self.conflicts = fresh

    def _keep_a_candidate(self) -> None:
        """Keep looking at the same candidate, or else at the first that waits."""
        waiting = [c.id for c in self.waiting]
        if self.candidate is None:
            self.candidate = waiting[0] if waiting else None

    # ---- wishing

    def approve(self, note: str = "", shown: Shown | None = None) -> None:
        """Spend a reference calculation on the candidate on the screen, of which the page said `shown`."""
        self._decide(ApproveCandidate, "approved", note=note, shown=shown)

    def veto(self, reason: str, note: str = "", shown: Shown | None = None) -> None:
        """Never spend one on it."""
        self._decide(VetoCandidate, "vetoed", reason=reason, note=note, shown=shown)

    def defer(self, shown: Shown | None = None) -> None:
        """Ask again later."""
        self._decide(DeferCandidate, "deferred", shown=shown)

    def decide_about(self, candidates: Sequence[str], *, approve: bool) -> None:
        """Approve or veto several candidates: one wish each, of which each may be refused."""
        for name in candidates:
            wish = (
                ApproveCandidate(candidate=name, **self._who)
                if approve
                else VetoCandidate(candidate=name, reason="other", **self._who)
            )
            command_id = self._post(wish)
            if command_id is None:
                return
            self._decided.append(name)
            words = "approved" if approve else "vetoed"
            self.sent = {**self.sent, name: Sent(command_id, name, words, time.time())}

    def undo(self, candidate: str | None = None) -> None:
        """Take a decision back: this one, or the last of this tab."""
        target = candidate or (self._decided[-1] if self._decided else None)
        if target is None:
            self.notify("There is no decision of yours to take back.", "info")
            return
        if target in self._decided:
            self._decided.remove(target)
        command = UndoDecision(candidate=target, **self._who)
        if self._post(command) is not None:
            self.candidate = target

    def retry(self, candidate: str, settings: str = "") -> None:
        """Calculate a candidate again that failed; `settings` are lines as in campaign.toml."""
        change = self.guard(lambda: reference_change(settings.splitlines()))
        if change is not None:
            self._post(RetryReference(**self._who, candidate=candidate, change=change))

    def turn_down(self, candidate: str) -> None:
        """Veto a candidate whose calculation failed."""
        self._post(
            VetoCandidate(**self._who, candidate=candidate, reason="other", note="its calculation failed")
        )

    def cancel(self, candidate: str) -> None:
        """End a candidate's running calculation."""
        self._post(CancelReference(**self._who, candidate=candidate))

    def make_rule(self, rule: VetoRule, shown: str) -> None:
        """Switch a rule on that vetoes suggest; `shown` is what was said of it."""
        wish = {"trait": rule.trait, "side": rule.side, "limit": rule.limit, "reason": shown}
        self._post(AdoptVetoRule(**wish, **self._who))

    def drop_rule(self, name: str) -> None:
        """Switch it off."""
        self._post(DropVetoRule(rule=name, **self._who))

    @property
    def _who(self) -> dict[str, Any]:
        return {"by": self.person.name, "auth": self.person.auth}

    def control(self, action: str) -> None:
        """Pause, resume or stop; a campaign that never ran is started."""
        if action == "start" and self.follower is None:
            self.guard(lambda: self.runtime.start(self.campaign, RunControlled(action="start", **self._who)))
        else:
            self._post(ControlRun(**self._who, action=action))

    def change_budget(self, budget: int) -> None:
        """Allow more or fewer reference calculations."""
        self._post(ChangeBudget(**self._who, budget=budget))

    def use_as_template(self, name: str) -> None:
        """Begin another campaign from this one's settings."""
        self.param.update(template=name, page="new")

    def start_demo(self) -> None:
        """Make a campaign from the demo's template and look at it."""
        name = self.guard(lambda: self.runtime.start_demo(self.person))
        if name is not None:
            self.open(name, "live")

    def move(self, step: int) -> None:
        """Look at the next or the previous candidate of the queue."""
        ids = [c.id for c in self.waiting]
        if not ids:
            return
        if self.candidate not in ids:
            self.candidate = ids[0]
        else:
            self.candidate = ids[max(0, min(len(ids) - 1, ids.index(self.candidate) + step))]

    def say_why_not(self) -> None:
        """Say why the candidate on the screen takes no decision: who decided, and when."""
        target, snapshot = self.candidate, self.snapshot
        if target is None or snapshot is None or target in self.sent:
            return
        reason = f"{target} does not wait for a decision."
        if target in snapshot.candidates:
            wish = ApproveCandidate(candidate=target, **self._who)
            for event in decide(snapshot, wish, time.time()):
                if isinstance(event, CommandRefused):
                    reason = f"{target}: {event.reason}"
        self.notify(reason, "info")

    def guard(self, act: Callable[[], Any]) -> Any:
        """Do something that may fail in a way the person can mend: then say so."""
        try:
            return act()
        except DeltadeskError as error:
            self.notify(str(error), "bad")
            return None

    def _decide(self, command: Any, words: str, **fields: Any) -> None:
        if self.playback is not None and self.playback.question == self.candidate:
            self.answer(approves=command is ApproveCandidate)
            return
        ids = [c.id for c in self.waiting]
        if self.candidate not in ids:
            self.say_why_not()
            return
        target, place = self.candidate, ids.index(self.candidate)
        command_id = self._post(command(candidate=target, **self._who, **fields))
        if command_id is None:
            return
        self._decided.append(target)
        left = [other for other in ids if other != target]
        following = left[min(place, len(left) - 1)] if left else None
        self.param.update(
            sent={**self.sent, target: Sent(command_id, target, words, time.time())}, candidate=following
        )

    def _post(self, command: AnyCommand) -> str | None:
        if self.playback is not None:
            self.notify("This is a replay: leave it to decide anything.", "info")
            return None
        command_id: str | None = self.guard(lambda: self.runtime.post(self.campaign, command))
        if command_id is not None:
            self._posted.add(command_id)
            self.soon(self.refresh, ANSWER_SOON)
        return command_id
