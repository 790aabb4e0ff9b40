"""What was asked, decided, spent and wasted: a pure reading of the campaign."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from engine.core.campaign import Campaign
from engine.core.candidate import UNDECIDED, Status
from engine.core.remembered import remembered


@dataclass(frozen=True)
class Ledger:
    """Candidates by what became of them, and reference calculations by what they gave.

    Attributes
    ----------
    asked : candidates that were put before a person or a policy; what follows from a label was not, and the
        control sample, which was, does not count
    undecided, approved, vetoed : of them, as decided by now; approved ones may have been sent
    calculations : started, also those that vanished with their machine
    labelled, failed, cancelled, lost, running : of them
    core_seconds : what all that ended have cost (s × cores)
    wasted : calculations that gave no label, and `wasted_core_seconds` what they have cost; how long a lost
        one ran nobody knows
    """

    asked: int
    undecided: int
    approved: int
    vetoed: int
    calculations: int
    labelled: int
    failed: int
    cancelled: int
    lost: int
    running: int
    core_seconds: float
    wasted: int
    wasted_core_seconds: float


@remembered
def ledger(campaign: Campaign) -> Ledger:
    """Count; asked = undecided + approved + vetoed, and calculations = labelled + wasted + running."""
    candidates = list(campaign.candidates.values())
    status = Counter(c.status for c in candidates)
    asked = Counter(c.status for c in candidates if not c.leader and not c.control_of)
    undecided = sum(asked[state] for state in UNDECIDED)
    failures = [failure for c in candidates for failure in c.failures]
    cancelled = sum(failure.kind == "cancelled" for failure in failures)
    lost = sum(c.lost for c in candidates)
    useful = sum(c.seconds * c.cores for c in candidates if c.status is Status.LABELLED)
    wasted = sum(failure.seconds * failure.cores for failure in failures)
    return Ledger(
        asked=asked.total(),
        undecided=undecided,
        approved=asked.total() - undecided - asked[Status.VETOED],
        vetoed=asked[Status.VETOED],
        calculations=sum(c.attempt for c in candidates),
        labelled=status[Status.LABELLED],
        failed=len(failures) - cancelled,
        cancelled=cancelled,
        lost=lost,
        running=status[Status.SUBMITTED],
        core_seconds=useful + wasted,
        wasted=len(failures) + lost,
        wasted_core_seconds=wasted,
    )
