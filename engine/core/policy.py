"""Policies decide in a person's place: pure functions of what is known."""

from __future__ import annotations

from collections.abc import Callable

from engine.core.campaign import Campaign
from engine.core.candidate import Candidate, Status
from engine.core.commands import AnyCommand, ApproveCandidate, VetoCandidate

Policy = Callable[[Campaign, Candidate], AnyCommand | None]


def person(campaign: Campaign, candidate: Candidate) -> AnyCommand | None:
    """Never decide: nothing is spent without a person."""
    return None


def auto(campaign: Campaign, candidate: Candidate) -> AnyCommand | None:
    """Approve what passes all checks and veto the rest, while the budget lasts."""
    if candidate.status is not Status.WAITING:
        return None
    if campaign.left_for(candidate) == 0:
        if not candidate.control_of:
            return None
        reason = "the budget of the control sample is spent"
        return VetoCandidate(candidate=candidate.id, by="auto", auth="policy", reason=reason)
    if candidate.flags:
        reason = "; ".join(flag.reason for flag in candidate.flags)
        return VetoCandidate(candidate=candidate.id, by="auto", auth="policy", reason=reason)
    return ApproveCandidate(candidate=candidate.id, by="auto", auth="policy", reason="passes all checks")


POLICIES: dict[str, Policy] = {"auto": auto, "person": person}
"""By the name campaign.toml uses."""
