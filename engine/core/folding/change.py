"""What an event changes, by its kind, and what all cases need."""

from __future__ import annotations

from functools import singledispatch

from engine.core import events as ev
from engine.core.campaign import Campaign
from engine.core.candidate import Candidate, Status
from engine.errors import CampaignError


class ImpossibleEventError(CampaignError):
    """An event that cannot follow the ones before it: the log is damaged or was written by two."""


@singledispatch
def change(event: object, campaign: Campaign, item: ev.Recorded) -> Campaign:
    """Return the campaign after an event; each kind's case is registered beside those like it."""
    raise ImpossibleEventError(f"event {item.seq} is of unknown kind {type(event).__name__}")


def get(campaign: Campaign, candidate: str, item: ev.Recorded, *allowed: Status) -> Candidate:
    """Return the candidate, which must have one of these statuses."""
    found = campaign.candidates.get(candidate)
    status = None if found is None else found.status
    if found is None or status not in allowed:
        raise ImpossibleEventError(f"event {item.seq} ({item.event.kind}): {candidate} is {status}")
    return found


def put(campaign: Campaign, candidate: Candidate) -> Campaign:
    """Return the campaign with the candidate as it is now."""
    return campaign._replace(candidates=campaign.candidates.put(candidate))


def decide(campaign: Campaign, decided: Candidate) -> Campaign:
    """`put`, and remember when somebody last decided."""
    when = campaign.decided_time if decided.decision is None else decided.decision.time
    return put(campaign, decided)._replace(decided_time=when)


def come_back(campaign: Campaign, what: ev.Until) -> Campaign:
    """Let those wait again that were deferred until this."""
    stay = []
    for name in campaign.set_aside:
        candidate = campaign.candidates[name]
        if candidate.status is not Status.DEFERRED or not candidate.until:
            continue
        if candidate.until == what:
            back = candidate._replace(status=Status.WAITING, decision=None, until="")
            campaign = put(campaign, back)
        else:
            stay.append(name)
    return campaign._replace(set_aside=tuple(stay))
