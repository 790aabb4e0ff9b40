"""What a person at one browser tab wishes: decisions, edits, runs and budgets, left in the inbox."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard.decided import WORDS, Decision
from dashboard.tab import Sent, Tab
from dashboard.words import age
from engine.config import reference_change
from engine.core import (
    AdoptVetoRule,
    AnyCommand,
    ApproveCandidate,
    Campaign,
    CancelReference,
    Candidate,
    ChangeBudget,
    CommandRefused,
    ControlRun,
    DeferCandidate,
    DropVetoRule,
    EditCandidate,
    Move,
    RetryReference,
    RunControlled,
    SendNow,
    Shown,
    Status,
    UndoDecision,
    Until,
    VetoCandidate,
    VetoRule,
    decide,
)

OFFER = 20.0  # s for which a calculation may be cancelled from where it was to be taken back
ANSWER_SOON = 60  # ms after a wish at which the log is read again


class Session(Tab):
    """A tab that may wish; the log answers, and the answer is heard with the next snapshot."""

    def approve(self, note: str = "", shown: Shown | None = None) -> None:
        """Spend a reference calculation on the candidate on the screen, of which the page said `shown`."""
        self._decide(ApproveCandidate, note=note, shown=shown)

    def veto(self, reason: str, note: str = "", shown: Shown | None = None) -> None:
        """Never spend one on it."""
        self._decide(VetoCandidate, reason=reason, note=note, shown=shown)

    def defer(self, until: Until = "", note: str = "", shown: Shown | None = None) -> None:
        """Ask again later."""
        self._decide(DeferCandidate, until=until, note=note, shown=shown)

    def decide_about(
        self,
        candidates: Iterable[str],
        *,
        approve: bool,
        reason: str = "other",
        note: str = "",
        shown: Mapping[str, Shown | None] | None = None,
    ) -> None:
        """Approve or veto several candidates: one wish each, of which each may be refused.

        `shown` is what the page said of each.
        """
        said = shown or {}
        about = [
            {"candidate": name, "note": note, "shown": said.get(name), **self._who} for name in candidates
        ]
        if approve:
            self._wish([ApproveCandidate(**each) for each in about])
        else:
            self._wish([VetoCandidate(**each, reason=reason) for each in about])

    def undo(self, candidate: str | None = None) -> None:
        """Take a decision back: this one, or the last of this tab, with all that were decided with it.

        What was sent to the reference meanwhile may be cancelled, which is offered.
        """
        targets = self._decided.take_back(candidate)
        jobs = self._running(targets)
        if jobs:
            self._offer_to_cancel(jobs)
            targets = tuple(name for name in targets if all(job.id != name for job in jobs))
        elif not targets:
            self.notify("There is no decision of yours to take back.", "info")
        wishes = self._post([UndoDecision(candidate=name, **self._who) for name in targets])
        if wishes:
            back = {**self.taken_back, **dict(zip(targets, wishes, strict=True))}
            self.param.update(taken_back=back, candidate=targets[0])

    def _running(self, names: Sequence[str]) -> list[Candidate]:
        """Those of these candidates that the reference calculates now."""
        if self.follower is None:
            return []
        known = self.follower.campaign.candidates
        return [known[name] for name in names if name in known and known[name].status is Status.SUBMITTED]

    def _offer_to_cancel(self, jobs: Sequence[Candidate]) -> None:
        """Say that it is too late to take approvals back, and what their calculations have cost so far."""
        for job in jobs:
            self._decided.forget(job.id)
        names, left = ", ".join(job.id for job in jobs), [job for job in jobs if job.cancel is None]
        if not left:
            self.notify(f"{names}: cancelled already.", "info")
            return
        now = self.now
        paid = sum(job.cores * (now - (job.submitted_time or now)) for job in left)
        wishes, here = [CancelReference(**self._who, candidate=job.id) for job in left], self.campaign
        self.notify(
            f"{names}: sent to the reference already. What was calculated so far stays spent.",
            "warn",
            seconds=OFFER,
            action=f"Cancel {'it' if len(left) == 1 else 'them'} ({age(paid)} so far)",
            on_action=lambda: self._post(wishes, here),
        )

    def _say_refused(self, refused: CommandRefused) -> None:
        """Say why; an undo that came too late is an offer."""
        late = refused.command == UndoDecision.__name__ and refused.candidate
        jobs = self._running([late]) if late else []
        if jobs:
            self._offer_to_cancel(jobs)
        else:
            super()._say_refused(refused)

    def redo(self) -> None:
        """Decide again what was taken back last."""
        wishes = self._decided.do_again()
        if wishes:
            self._send(wishes)
        else:
            self.notify("There is nothing to do again.", "info")

    def send_now(self) -> None:
        """End the hold of all that this person has approved."""
        snapshot: Campaign | None = self.snapshot
        approved = [] if snapshot is None else snapshot.with_status(Status.APPROVED)
        me = (self.person.name, self.person.auth)
        held = [c.id for c in approved if c.decision and (c.decision.by, c.decision.auth) == me]
        if held:
            self._post([SendNow(candidate=name, **self._who) for name in held])
        else:
            self.notify("No approval of yours is held.", "info")

    def edit(self, moves: Sequence[Move], steps: int) -> None:
        """Ask for a candidate made of the one on the screen, with atoms moved, relaxed for some steps."""
        if self.candidate is not None:
            self._post(
                [EditCandidate(candidate=self.candidate, moves=tuple(moves), steps=steps, **self._who)]
            )

    def retry(self, candidate: str, settings: str = "") -> None:
        """Calculate a candidate again that failed; `settings` are lines as in campaign.toml."""
        change = self.guard(lambda: reference_change(settings.splitlines()))
        if change is not None:
            self._post([RetryReference(**self._who, candidate=candidate, change=change)])

    def turn_down(self, candidate: str) -> None:
        """Veto a candidate whose calculation failed."""
        self._post(
            [VetoCandidate(**self._who, candidate=candidate, reason="other", note="its calculation failed")]
        )

    def cancel(self, candidate: str) -> None:
        """End a candidate's running calculation."""
        self._post([CancelReference(**self._who, candidate=candidate)])

    def make_rule(self, rule: VetoRule, shown: str) -> None:
        """Switch a rule on that vetoes suggest; `shown` is what was said of it."""
        wish = {"trait": rule.trait, "side": rule.side, "limit": rule.limit, "reason": shown}
        self._post([AdoptVetoRule(**wish, **self._who)])

    def drop_rule(self, name: str) -> None:
        """Switch it off."""
        self._post([DropVetoRule(rule=name, **self._who)])

    @property
    def _who(self) -> dict[str, Any]:
        return {"by": self.person.name, "auth": self.person.auth}

    def control(self, action: str) -> None:
        """Pause, resume or stop; a campaign that never ran is started."""
        if action == "start" and self.follower is None:
            self.guard(lambda: self.runtime.start(self.campaign, RunControlled(action="start", **self._who)))
        else:
            self._post([ControlRun(**self._who, action=action)])

    def change_budget(self, budget: int) -> None:
        """Allow more or fewer reference calculations."""
        self._post([ChangeBudget(**self._who, budget=budget)])

    def use_as_template(self, name: str) -> None:
        """Begin another campaign from this one's settings."""
        self.param.update(template=name, page="new")

    def start_demo(self) -> None:
        """Make a campaign from the demo's template and look at it."""
        name = self.guard(lambda: self.runtime.start_demo(self.person))
        if name is not None:
            self.open(name, "live")

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

    def _decide(self, command: Any, **fields: Any) -> None:
        if self.playback is not None and self.playback.question == self.candidate:
            self.answer(approves=command is ApproveCandidate)
            return
        if any(c.id == self.candidate for c in self.waiting):
            self._wish([command(candidate=self.candidate, **self._who, **fields)])
        else:
            self.say_why_not()

    def _wish(self, wishes: Sequence[Decision]) -> None:
        """Decide, in one step that can be taken back."""
        if self._send(wishes):
            self._decided.add(tuple(wishes))

    def _send(self, wishes: Sequence[Decision]) -> bool:
        """Post decisions, and go on to the next candidate; whether that could be done."""
        ids = [c.id for c in self.queue]
        posted = self._post(wishes)
        if not posted:
            return False
        now, gone = time.time(), {wish.candidate for wish in wishes}
        sent = {
            wish.candidate: Sent(command_id, wish.candidate, WORDS[type(wish)], now)
            for wish, command_id in zip(wishes, posted, strict=True)
        }
        changes: dict[str, Any] = {"sent": {**self.sent, **sent}}
        if self.taken_back:
            back = {name: wish for name, wish in self.taken_back.items() if name not in gone}
            changes["taken_back"] = back
        if self.candidate in gone or self.candidate is None:
            place = ids.index(self.candidate) if self.candidate in ids else 0
            following = [name for name in ids[place:] if name not in gone]
            before = [name for name in ids[:place] if name not in gone]
            changes["candidate"] = next(iter([*following, *before[::-1]]), None)
        if self.marked:
            changes["marked"] = [name for name in self.marked if name not in gone]
        self.param.update(**changes)
        return True

    def _post(self, commands: Sequence[AnyCommand], campaign: str = "") -> list[str]:
        """Ids of the wishes, once all of them are durable; none if they could not be left.

        They go to the campaign on the screen, or to this one.
        """
        if not commands:
            return []
        if self.playback is not None:
            self.notify("This is a replay: leave it to decide anything.", "info")
            return []
        posted: list[str] = self.guard(lambda: self.runtime.post(campaign or self.campaign, commands)) or []
        if posted:
            self._posted.update(posted)
            self.soon(self.refresh, ANSWER_SOON)
        return posted
