"""What one tab has decided, so that the last can be taken back, and what was taken back, decided again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.core import (
    ApproveCandidate,
    Candidate,
    CandidateApproved,
    CandidateDeferred,
    CandidateVetoed,
    DeferCandidate,
    Shown,
    Status,
    VetoCandidate,
)
from engine.store import Store

Decision = ApproveCandidate | VetoCandidate | DeferCandidate

WORDS: dict[type[Decision], str] = {
    ApproveCandidate: "approved",
    VetoCandidate: "vetoed",
    DeferCandidate: "deferred",
}


@dataclass(frozen=True)
class Step:
    """What one key press decided: about one candidate, or about all that were chosen."""

    wishes: tuple[Decision, ...]

    @property
    def candidates(self) -> tuple[str, ...]:
        """Whom it is about."""
        return tuple(wish.candidate for wish in self.wishes)


class Decided:
    """Steps of one tab, oldest first."""

    def __init__(self, steps: list[Step] | None = None) -> None:
        self._done = steps or []
        self._undone: list[Step] = []

    def __contains__(self, candidate: str) -> bool:
        return any(candidate in step.candidates for step in self._done)

    def add(self, wishes: tuple[Decision, ...]) -> None:
        """One more step; what was taken back before it is not done again."""
        self._done.append(Step(wishes))
        self._undone.clear()

    def forget(self, candidate: str) -> None:
        """Nothing that this tab decided about it counts any more, nor is it to be decided again."""
        self._done, self._undone = _without(candidate, self._done), _without(candidate, self._undone)

    def take_back(self, candidate: str | None = None) -> tuple[str, ...]:
        """Candidates of the last step, or this one alone."""
        if candidate is not None:
            own = [wish for step in self._done for wish in step.wishes if wish.candidate == candidate]
            self.forget(candidate)
            self._undone += [Step((wish,)) for wish in own[-1:]]
            return (candidate,)
        if not self._done:
            return ()
        step = self._done.pop()
        self._undone.append(step)
        return step.candidates

    def do_again(self) -> tuple[Decision, ...]:
        """What was taken back last, which counts as done from now on."""
        if not self._undone:
            return ()
        step = self._undone.pop()
        self._done.append(step)
        return step.wishes


def _without(candidate: str, steps: list[Step]) -> list[Step]:
    left = [replace(s, wishes=tuple(w for w in s.wishes if w.candidate != candidate)) for s in steps]
    return [step for step in left if step.wishes]


def shown_since(store: Store, since: float) -> dict[tuple[str, float], Shown]:
    """What the page said at the decisions after `since` (s since 1970), by candidate and time."""
    kinds = [kind.__name__ for kind in (CandidateApproved, CandidateVetoed, CandidateDeferred)]
    return {
        (item.event.candidate, item.time): item.event.shown
        for item in store.events(after=store.seq_before(since), kinds=kinds)
        if isinstance(item.event, CandidateApproved | CandidateVetoed | CandidateDeferred)
        and item.event.shown
    }


def step_of(candidate: Candidate, shown: Shown | None = None) -> Step | None:
    """The wish that led to what is decided about a candidate now, and what was shown then."""
    made = candidate.decision
    if made is None:
        return None
    about = {"candidate": candidate.id, "by": made.by, "auth": made.auth, "note": made.note, "shown": shown}
    match candidate.status:
        case Status.APPROVED:
            return Step((ApproveCandidate(**about, reason=made.reason),))
        case Status.VETOED:
            return Step((VetoCandidate(**about, reason=made.reason),))
        case Status.DEFERRED:
            return Step((DeferCandidate(**about, until=candidate.until),))
    return None
