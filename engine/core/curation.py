"""What did curation change? What the rule alone would have sent, beside what was sent: a pure reading.

The rule alone sends what passes all checks (the policy ``auto``). That is derived from a candidate's flags,
but for those of rules that vetoes taught: they are people's own, and what they catch is curation.

Of a candidate that a person turned down no label says whether that was right, unless a control sample of them
is calculated as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, median

from engine.core.campaign import BARE_MODEL, Campaign
from engine.core.candidate import NOT_A_PERSON, Candidate, Status
from engine.core.remembered import remembered
from engine.core.veto_rules import VETO_RULE


@dataclass(frozen=True)
class Group:
    """Candidates of one kind, and what came of those that were sent.

    Attributes
    ----------
    candidates : how many
    labelled : those of them that have a label
    wasted : calculations that gave none
    core_seconds : what both have cost (s × cores)
    error_eV : mean distance of the label from what a fitted surrogate said at selection: what was learnt
    """

    candidates: int
    labelled: tuple[Candidate, ...]
    wasted: int
    core_seconds: float
    error_eV: float | None

    @property
    def labels(self) -> int:
        """Calculations that gave a label."""
        return len(self.labelled)


@dataclass(frozen=True)
class Curation:
    """Candidates that people decided, by what the rule alone would have done.

    Attributes
    ----------
    agreed : passed all checks and were sent
    spared : passed all checks and were vetoed
    overruled : failed a check and were sent all the same
    held : failed a check and were vetoed
    control : drawn from those that a person vetoed, and calculated
    """

    agreed: Group
    spared: Group
    overruled: Group
    held: Group
    control: Group
    core_seconds_each: float | None
    """Median cost of a label (s × cores)."""

    @property
    def decided(self) -> int:
        """Candidates that people decided."""
        return sum(group.candidates for group in (self.agreed, self.spared, self.overruled, self.held))

    @property
    def rule_alone(self) -> int:
        """Of them, those that the rule alone would have sent."""
        return self.agreed.candidates + self.spared.candidates

    @property
    def sent(self) -> int:
        """Of them, those that were sent."""
        return self.agreed.candidates + self.overruled.candidates


@remembered
def curation(campaign: Campaign) -> Curation:
    """Read it off a campaign, but not what a policy decided, followed from a label or was edited."""
    asked = [c for c in campaign.candidates.values() if not (c.leader or c.parent)]
    decided = [
        c
        for c in asked
        if c.decision and c.decision.auth not in NOT_A_PERSON and c.status is not Status.DEFERRED
    ]
    drawn = [c for c in decided if c.control_of]
    own = [c for c in decided if not c.control_of]
    costs = [c.seconds * c.cores for c in own if c.status is Status.LABELLED]
    return Curation(
        agreed=_group(c for c in own if _sent(c) and _passes(c)),
        spared=_group(c for c in own if not _sent(c) and _passes(c)),
        overruled=_group(c for c in own if _sent(c) and not _passes(c)),
        held=_group(c for c in own if not _sent(c) and not _passes(c)),
        control=_group(c for c in drawn if _sent(c)),
        core_seconds_each=median(costs) if costs else None,
    )


def _sent(candidate: Candidate) -> bool:
    return candidate.attempt > 0 or candidate.status is Status.APPROVED


def _passes(candidate: Candidate) -> bool:
    """Whether it passes all checks but people's own rules."""
    return all(flag.check == VETO_RULE for flag in candidate.flags)


def _group(members: Iterable[Candidate]) -> Group:
    candidates = list(members)
    labels = [(c, c.label_eV) for c in candidates if c.label_eV is not None]
    errors = [abs(label - c.energy_eV) for c, label in labels if c.model_id != BARE_MODEL]
    failures = [failure for c in candidates for failure in c.failures]
    return Group(
        candidates=len(candidates),
        labelled=tuple(c for c, _ in labels),
        wasted=len(failures) + sum(c.lost for c in candidates),
        core_seconds=sum(c.seconds * c.cores for c, _ in labels) + sum(f.seconds * f.cores for f in failures),
        error_eV=fmean(errors) if errors else None,
    )
