"""How candidates come before the person, and what is said of them there."""

from __future__ import annotations

from functools import lru_cache
from sys import intern

from engine.core import events as ev
from engine.core.campaign import Campaign
from engine.core.candidate import UNDECIDED, Candidate, Status
from engine.core.folding.change import ImpossibleEventError, change, come_back, get, put


@change.register
def _(event: ev.CandidateSelected, campaign: Campaign, item: ev.Recorded) -> Campaign:
    if event.candidate in campaign.candidates:
        raise ImpossibleEventError(f"event {item.seq}: {event.candidate} was selected before")
    candidate = Candidate(
        id=event.candidate,
        status=Status.WAITING,
        rank=event.rank,
        sentence=event.reason.encode(),
        generator=intern(event.generator),
        model_id=event.model_id,
        energy_eV=event.energy_eV,
        energy_std_eV=event.energy_std_eV,
        term_names=_shared(tuple(event.terms)),
        term_values=tuple(event.terms.values()),
        flags=event.flags,
        selected_time=item.time,
        order=item.seq,
        points=event.points,
    )
    if event.rank == 1:
        campaign = come_back(campaign, "next batch")
    return put(campaign, candidate)


@change.register
def _(event: ev.CandidateFollowed, campaign: Campaign, item: ev.Recorded) -> Campaign:
    leader = get(campaign, event.leader, item, Status.LABELLED)
    if not leader.owed or event.candidate in campaign.candidates:
        raise ImpossibleEventError(f"event {item.seq}: nothing is to follow {leader.id}")
    closed = put(campaign, leader._replace(granted=1))
    if event.candidate is None or event.energy_eV is None:
        return closed
    candidate = Candidate(
        id=event.candidate,
        status=Status.APPROVED,
        rank=leader.rank,
        sentence=event.reason.encode(),
        generator=intern(event.generator),
        model_id=event.model_id,
        energy_eV=event.energy_eV,
        energy_std_eV=event.energy_std_eV,
        term_names=(),
        term_values=(),
        flags=(),
        selected_time=item.time,
        order=item.seq,
        granted=leader.owed,
        leader=leader.id,
        decision=leader.decision,
    )
    return put(closed, candidate)


@change.register
def _(event: ev.ControlDrawn, campaign: Campaign, item: ev.Recorded) -> Campaign:
    vetoed = get(campaign, event.vetoed, item, Status.VETOED)
    if vetoed.attempt or event.candidate in campaign.candidates:
        raise ImpossibleEventError(f"event {item.seq}: {vetoed.id} is not asked about again")
    again = vetoed._replace(
        id=event.candidate,
        status=Status.WAITING,
        sentence=event.reason.encode(),
        selected_time=item.time,
        order=item.seq,
        points=1,
        decision=None,
        control_of=vetoed.id,
    )
    return put(campaign, again)


@change.register
def _(event: ev.CandidateFlagged, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = get(campaign, event.candidate, item, *UNDECIDED, Status.APPROVED)
    return put(campaign, candidate._replace(flags=(*candidate.flags, *event.flags)))


@lru_cache(maxsize=64)
def _shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """Equal names of terms once: candidates of one rule have the same."""
    return names
