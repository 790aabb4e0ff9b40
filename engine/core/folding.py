"""The campaign is a fold over its events: `apply` is the one function that changes state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache, singledispatch
from typing import Any

from immutables import Map

from engine.core import events as ev
from engine.core.campaign import Campaign, RunState
from engine.core.candidate import UNDECIDED, Candidate, Decision, Failure, Status
from engine.core.veto_rules import VetoRule
from engine.errors import CampaignError

STATE_AFTER: dict[str, RunState] = {
    "start": "running",
    "pause": "paused",
    "resume": "running",
    "stop": "stopped",
    "crash": "failed",
    "finish": "finished",
}
"""What each action of a `RunControlled` leads to."""


class ImpossibleEventError(CampaignError):
    """An event that cannot follow the ones before it: the log is damaged or was written by two."""


def fold(recorded: Iterable[ev.Recorded], start: Campaign | None = None) -> Campaign:
    """Apply events one after another; fold(a + b) = fold(b, fold(a))."""
    campaign = start or Campaign()
    for item in recorded:
        campaign = apply(campaign, item)
    return campaign


def apply(campaign: Campaign, item: ev.Recorded) -> Campaign:
    """Return the campaign after one more event; raise `ImpossibleEventError` if it cannot follow."""
    if item.seq != campaign.seq + 1:
        raise ImpossibleEventError(f"event {item.seq} cannot follow event {campaign.seq}")
    return _apply(item.event, campaign, item)._replace(seq=item.seq, time=item.time)


@singledispatch
def _apply(event: object, campaign: Campaign, item: ev.Recorded) -> Campaign:
    raise ImpossibleEventError(f"event {item.seq} is of unknown kind {type(event).__name__}")


@_apply.register
def _(event: ev.CampaignStarted, campaign: Campaign, item: ev.Recorded) -> Campaign:
    if campaign.seq:
        raise ImpossibleEventError(f"event {item.seq}: a campaign starts once")
    return campaign._replace(
        name=event.name,
        seed=event.seed,
        rules=event.rules,
        settings=Map(event.settings),
        settings_seq=item.seq,
    )


@_apply.register
def _(event: ev.SettingsChanged, campaign: Campaign, item: ev.Recorded) -> Campaign:
    return campaign._replace(rules=event.rules, settings=Map(event.settings), settings_seq=item.seq)


@_apply.register
def _(event: ev.RunControlled, campaign: Campaign, item: ev.Recorded) -> Campaign:
    started = campaign.started_time if campaign.started_time is not None else item.time
    state = STATE_AFTER[event.action]
    return campaign._replace(
        state=state,
        state_reason=event.reason,
        started_time=started,
        run_seq=item.seq if state == "running" else campaign.run_seq,
        models_before_run=len(campaign.models) if state == "running" else campaign.models_before_run,
        failed_in_row=0 if state == "running" else campaign.failed_in_row,
        tripped=event.action == "pause" and event.auth == "engine",
    )


@_apply.register
def _(event: ev.CandidateSelected, campaign: Campaign, item: ev.Recorded) -> Campaign:
    if event.candidate in campaign.candidates:
        raise ImpossibleEventError(f"event {item.seq}: {event.candidate} was selected before")
    candidate = Candidate(
        id=event.candidate,
        status=Status.WAITING,
        rank=event.rank,
        sentence=event.reason.encode(),
        generator=event.generator,
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
        campaign = _come_back(campaign, "next batch")
    return _put(campaign, candidate)


@_apply.register
def _(event: ev.CandidateFollowed, campaign: Campaign, item: ev.Recorded) -> Campaign:
    leader = _get(campaign, event.leader, item, Status.LABELLED)
    if not leader.owed or event.candidate in campaign.candidates:
        raise ImpossibleEventError(f"event {item.seq}: nothing is to follow {leader.id}")
    closed = _put(campaign, leader._replace(granted=1))
    if event.candidate is None or event.energy_eV is None:
        return closed
    candidate = Candidate(
        id=event.candidate,
        status=Status.APPROVED,
        rank=leader.rank,
        sentence=event.reason.encode(),
        generator=event.generator,
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
    return _put(closed, candidate)


@_apply.register
def _(event: ev.ControlDrawn, campaign: Campaign, item: ev.Recorded) -> Campaign:
    vetoed = _get(campaign, event.vetoed, item, Status.VETOED)
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
    return _put(campaign, again)


@_apply.register
def _(event: ev.CandidateFlagged, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = _get(campaign, event.candidate, item, *UNDECIDED, Status.APPROVED)
    return _put(campaign, candidate._replace(flags=(*candidate.flags, *event.flags)))


@_apply.register
def _(event: ev.CandidateApproved, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = _get(campaign, event.candidate, item, *UNDECIDED)
    decision = Decision(event.by, event.auth, item.time, event.reason, event.note, event.hold_s)
    return _decide(
        campaign, candidate._replace(status=Status.APPROVED, decision=decision, granted=event.points)
    )


@_apply.register
def _(event: ev.CandidateVetoed, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = _get(campaign, event.candidate, item, *UNDECIDED, Status.APPROVED, Status.FAILED)
    decision = Decision(event.by, event.auth, item.time, event.reason, event.note)
    return _decide(campaign, candidate._replace(status=Status.VETOED, decision=decision, granted=0))


@_apply.register
def _(event: ev.CandidateDeferred, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = _get(campaign, event.candidate, item, *UNDECIDED)
    decision = Decision(event.by, event.auth, item.time, note=event.note)
    deferred = candidate._replace(
        status=Status.DEFERRED, decision=decision, order=item.seq, until=event.until
    )
    if event.until:
        campaign = campaign._replace(set_aside=(*campaign.set_aside, candidate.id))
    return _decide(campaign, deferred)


@_apply.register
def _(event: ev.DecisionUndone, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = _get(campaign, event.candidate, item, Status.APPROVED, Status.VETOED, Status.DEFERRED)
    if not candidate.failures:
        return _put(campaign, candidate._replace(status=Status.WAITING, decision=None, granted=0))
    change = candidate.failures[-1].change  # not what a retry was told that is taken back
    undone = candidate._replace(status=Status.FAILED, decision=None, granted=0, change=change)
    return _put(campaign, undone)


@_apply.register
def _(event: ev.HoldEnded, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = _get(campaign, event.candidate, item, Status.APPROVED)
    if candidate.decision is None:
        raise ImpossibleEventError(f"event {item.seq}: nobody approved {candidate.id}")
    hold = max(0.0, min(candidate.decision.hold_s, item.time - candidate.decision.time))
    return _put(campaign, candidate._replace(decision=replace(candidate.decision, hold_s=hold)))


@_apply.register
def _(event: ev.EditAsked, campaign: Campaign, item: ev.Recorded) -> Campaign:
    _get(campaign, event.parent, item, *Status)
    return campaign._replace(edits=(*campaign.edits, event), n_edits=campaign.n_edits + 1)


@_apply.register
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
    return _put(campaign, candidate)


@_apply.register
def _(event: ev.VetoRuleAdopted, campaign: Campaign, item: ev.Recorded) -> Campaign:
    rule = VetoRule.of(event, item.time)
    if any(rule.name == other.name for other in campaign.veto_rules):
        raise ImpossibleEventError(f"event {item.seq}: the rule {rule.name} is switched on already")
    return campaign._replace(veto_rules=(*campaign.veto_rules, rule))


@_apply.register
def _(event: ev.VetoRuleDropped, campaign: Campaign, item: ev.Recorded) -> Campaign:
    left = tuple(rule for rule in campaign.veto_rules if rule.name != event.rule)
    if len(left) == len(campaign.veto_rules):
        raise ImpossibleEventError(f"event {item.seq}: there is no rule {event.rule}")
    return campaign._replace(veto_rules=left)


@_apply.register
def _(event: ev.RetryApproved, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = _get(campaign, event.candidate, item, Status.FAILED)
    decision = Decision(event.by, event.auth, item.time, "retry", event.note, event.hold_s)
    again = candidate._replace(status=Status.APPROVED, decision=decision, change=event.change, granted=1)
    return _decide(campaign, again)


@_apply.register
def _(event: ev.CancelRequested, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = _get(campaign, event.candidate, item, Status.SUBMITTED)
    cancel = Decision(event.by, event.auth, item.time, note=event.note)
    return _put(campaign, candidate._replace(cancel=cancel))


@_apply.register
def _(event: ev.CommandRefused, campaign: Campaign, item: ev.Recorded) -> Campaign:
    return campaign


@_apply.register
def _(event: ev.ReferenceSubmitted, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = _get(campaign, event.candidate, item, Status.APPROVED, Status.SUBMITTED, Status.FAILED)
    if event.attempt != candidate.attempt + 1:
        raise ImpossibleEventError(f"event {item.seq}: attempt {event.attempt} follows {candidate.attempt}")
    return _put(
        campaign,
        candidate._replace(
            status=Status.SUBMITTED,
            attempt=event.attempt,
            folder=event.folder,
            submitted_time=item.time,
            cores=event.cores,
            cancel=None,
            lost=candidate.lost + (candidate.status is Status.SUBMITTED),
        ),
    )


@_apply.register
def _(event: ev.ReferenceCompleted, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = _get(campaign, event.candidate, item, Status.SUBMITTED)
    labelled = candidate._replace(
        status=Status.LABELLED,
        label_eV=event.energy_eV,
        fmax=event.fmax,
        seconds=event.seconds,
        cores=event.cores,
        code=event.code,
        version=event.version,
        reference_settings=_as_before(event.settings, campaign.best),
    )
    best = campaign.best
    lower = best is None or (event.energy_eV, event.candidate) < (best.label_eV, best.id)
    return _put(campaign, labelled)._replace(
        labels=(*campaign.labels, event.candidate),
        lowest=event.candidate if lower else campaign.lowest,
        failed_in_row=0,
    )


@_apply.register
def _(event: ev.ReferenceFailed, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = _get(campaign, event.candidate, item, Status.SUBMITTED)
    failure = Failure(
        attempt=event.attempt,
        kind=event.failure,
        log=event.log,
        time=item.time,
        seconds=event.seconds,
        cores=event.cores,
        change=candidate.change,
    )
    failed = candidate._replace(
        status=Status.FAILED,
        seconds=event.seconds,
        cores=event.cores,
        failures=(*candidate.failures, failure),
        granted=min(candidate.granted, 1),  # without its label nothing follows
    )
    count = event.failure != "cancelled"
    return _put(campaign, failed)._replace(failed_in_row=campaign.failed_in_row + count)


@_apply.register
def _(event: ev.LabelsImported, campaign: Campaign, item: ev.Recorded) -> Campaign:
    if campaign.rules is None or campaign.models:
        raise ImpossibleEventError(f"event {item.seq}: labels are imported before the first fit")
    return campaign._replace(imports=(*campaign.imports, event))


@_apply.register
def _(event: ev.ModelRefitted, campaign: Campaign, item: ev.Recorded) -> Campaign:
    return _come_back(campaign, "next fit")._replace(models=(*campaign.models, event))


@_apply.register
def _(event: ev.BudgetChanged, campaign: Campaign, item: ev.Recorded) -> Campaign:
    if campaign.rules is None:
        raise ImpossibleEventError(f"event {item.seq}: a budget before the campaign")
    return campaign._replace(rules=campaign.rules.model_copy(update={"budget": event.budget}))


@lru_cache(maxsize=64)
def _shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """Equal names of terms once: candidates of one rule have the same."""
    return names


def _as_before(settings: dict[str, Any], best: Candidate | None) -> Mapping[str, Any]:
    """Equal settings once: labels of one campaign mostly have the same."""
    return best.reference_settings if best is not None and best.reference_settings == settings else settings


def _get(campaign: Campaign, candidate: str, item: ev.Recorded, *allowed: Status) -> Candidate:
    found = campaign.candidates.get(candidate)
    status = None if found is None else found.status
    if found is None or status not in allowed:
        raise ImpossibleEventError(f"event {item.seq} ({item.event.kind}): {candidate} is {status}")
    return found


def _decide(campaign: Campaign, decided: Candidate) -> Campaign:
    when = campaign.decided_time if decided.decision is None else decided.decision.time
    return _put(campaign, decided)._replace(decided_time=when)


def _come_back(campaign: Campaign, what: ev.Until) -> Campaign:
    """Let those wait again that were deferred until this."""
    stay = []
    for name in campaign.set_aside:
        candidate = campaign.candidates[name]
        if candidate.status is not Status.DEFERRED or not candidate.until:
            continue
        if candidate.until == what:
            back = candidate._replace(status=Status.WAITING, decision=None, until="")
            campaign = _put(campaign, back)
        else:
            stay.append(name)
    return campaign._replace(set_aside=tuple(stay))


def _put(campaign: Campaign, candidate: Candidate) -> Campaign:
    return campaign._replace(candidates=campaign.candidates.put(candidate))
