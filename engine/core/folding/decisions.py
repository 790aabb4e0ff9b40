"""What decisions change: of candidates, of rules learned from vetoes, of structures that were edited."""

from __future__ import annotations

from dataclasses import replace

from engine.core import events as ev
from engine.core.campaign import Campaign
from engine.core.candidate import UNDECIDED, Candidate, Decision, Status
from engine.core.folding.change import ImpossibleEventError, change, decide, get, put
from engine.core.veto_rules import VetoRule


@change.register
def _(event: ev.CandidateApproved, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = get(campaign, event.candidate, item, *UNDECIDED)
    decision = Decision(event.by, event.auth, item.time, event.reason, event.note, event.hold_s)
    return decide(
        campaign, candidate._replace(status=Status.APPROVED, decision=decision, granted=event.points)
    )


@change.register
def _(event: ev.CandidateVetoed, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = get(campaign, event.candidate, item, *UNDECIDED, Status.APPROVED, Status.FAILED)
    decision = Decision(event.by, event.auth, item.time, event.reason, event.note)
    return decide(campaign, candidate._replace(status=Status.VETOED, decision=decision, granted=0))


@change.register
def _(event: ev.CandidateDeferred, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = get(campaign, event.candidate, item, *UNDECIDED)
    decision = Decision(event.by, event.auth, item.time, note=event.note)
    deferred = candidate._replace(
        status=Status.DEFERRED, decision=decision, order=item.seq, until=event.until
    )
    if event.until:
        campaign = campaign._replace(set_aside=(*campaign.set_aside, candidate.id))
    return decide(campaign, deferred)


@change.register
def _(event: ev.DecisionUndone, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = get(campaign, event.candidate, item, Status.APPROVED, Status.VETOED, Status.DEFERRED)
    if not candidate.failures:
        return put(campaign, candidate._replace(status=Status.WAITING, decision=None, granted=0))
    change = candidate.failures[-1].change  # not what a retry was told that is taken back
    undone = candidate._replace(status=Status.FAILED, decision=None, granted=0, change=change)
    return put(campaign, undone)


@change.register
def _(event: ev.HoldEnded, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = get(campaign, event.candidate, item, Status.APPROVED)
    if candidate.decision is None:
        raise ImpossibleEventError(f"event {item.seq}: nobody approved {candidate.id}")
    hold = max(0.0, min(candidate.decision.hold_s, item.time - candidate.decision.time))
    return put(campaign, candidate._replace(decision=replace(candidate.decision, hold_s=hold)))


@change.register
def _(event: ev.VetoRuleAdopted, campaign: Campaign, item: ev.Recorded) -> Campaign:
    rule = VetoRule.of(event, item.time)
    if any(rule.name == other.name for other in campaign.veto_rules):
        raise ImpossibleEventError(f"event {item.seq}: the rule {rule.name} is switched on already")
    return campaign._replace(veto_rules=(*campaign.veto_rules, rule))


@change.register
def _(event: ev.VetoRuleDropped, campaign: Campaign, item: ev.Recorded) -> Campaign:
    left = tuple(rule for rule in campaign.veto_rules if rule.name != event.rule)
    if len(left) == len(campaign.veto_rules):
        raise ImpossibleEventError(f"event {item.seq}: there is no rule {event.rule}")
    return campaign._replace(veto_rules=left)


@change.register
def _(event: ev.EditAsked, campaign: Campaign, item: ev.Recorded) -> Campaign:
    get(campaign, event.parent, item, *Status)
    return campaign._replace(edits=(*campaign.edits, event), n_edits=campaign.n_edits + 1)


@change.register
def _(event: ev.CandidateEdited, campaign: Campaign, item: ev.Recorded) -> Campaign:
    left = tuple(edit for edit in campaign.edits if edit.edit != event.edit)
    if len(left) == len(campaign.edits) or event.candidate in campaign.candidates:
        raise ImpossibleEventError(f"event {item.seq}: nobody waits for {event.edit}")
    campaign = campaign._replace(edits=left)
    if event.candidate is None or event.energy_eV is None:
        return campaign
    candidate = Candidate(
        id=event.candidate,
        status=Status.WAITING,
        rank=1,
        sentence=event.reason.encode(),
        generator="edit",
        model_id=event.model_id,
        energy_eV=event.energy_eV,
        energy_std_eV=event.energy_std_eV,
        term_names=(),
        term_values=(),
        flags=event.flags,
        selected_time=item.time,
        order=item.seq,
        parent=event.parent,
    )
    return put(campaign, candidate)
