"""What people decided about candidates, as something to learn from."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest

from engine.core.campaign import Campaign
from engine.core.candidate import NOT_A_PERSON, Candidate, Status
from engine.core.remembered import remembered

LATEST = 500
"""Decisions that are learnt from, the newest, and candidates of the queue that are held against them."""

_SENT = frozenset({Status.APPROVED, Status.SUBMITTED, Status.LABELLED, Status.FAILED})


@dataclass(frozen=True)
class Verdicts:
    """Candidates that people vetoed or approved, oldest decision first, and those that wait.

    What followed from a label, the control sample and what was vetoed after its calculation had failed say
    nothing about what a person likes to see, and are left out.
    """

    vetoed: tuple[Candidate, ...]
    kept: tuple[Candidate, ...]
    waiting: tuple[Candidate, ...]

    @property
    def decided(self) -> tuple[Candidate, ...]:
        """Vetoed ones first."""
        return (*self.vetoed, *self.kept)


@remembered
def verdicts(campaign: Campaign) -> Verdicts:
    """Read them off a campaign."""
    own = sorted(
        (c.decision.time, c.id, c)
        for c in campaign.candidates.values()
        if c.decision and c.decision.auth not in NOT_A_PERSON and not (c.leader or c.control_of)
    )
    said = [c for *_, c in own if c.status in _SENT or (c.status is Status.VETOED and not c.attempt)]
    newest = said[-LATEST:]
    return Verdicts(
        vetoed=tuple(c for c in newest if c.status is Status.VETOED),
        kept=tuple(c for c in newest if c.status is not Status.VETOED),
        waiting=newest_waiting(campaign),
    )


def newest_waiting(campaign: Campaign) -> tuple[Candidate, ...]:
    """What waits and came last, in queue order; of a long queue the rest is not looked at."""
    newest = nlargest(LATEST, campaign.waiting, key=lambda c: (c.model_id, c.order))
    return tuple(sorted(newest, key=lambda c: (c.order, c.rank)))


def said_traits(candidate: Candidate) -> dict[str, float]:
    """What was said of it when it was selected, by the names of `engine.core.veto_rules` (eV)."""
    promise, std = dict(candidate.terms).get("promise"), candidate.energy_std_eV
    above = {} if promise is None else {"energy above lowest": -promise}
    return above if std is None else {**above, "sigma": std}
