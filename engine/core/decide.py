"""Turn a wish into events: who wins, and what the loser is told.

A person's veto beats any policy, and until the calculation is submitted it beats another person's approval;
an approval never beats a veto (undo first). A calculation that runs can only be cancelled; one that failed is
retried by a person, with other settings or with the same, or vetoed.
"""

from __future__ import annotations

from functools import singledispatch

from engine.core import commands as cm
from engine.core import events as ev
from engine.core.campaign import Campaign
from engine.core.candidate import NOT_A_PERSON, UNDECIDED, Candidate, Status
from engine.core.control import control_of
from engine.core.veto_rules import is_trait

_RUN_ACTIONS: dict[str, tuple[str, ...]] = {
    "start": ("idle",),
    "pause": ("running",),
    "resume": ("paused", "stopped", "failed", "finished"),
    "stop": ("running", "paused", "failed"),
}


def decide(campaign: Campaign, command: cm.AnyCommand, now: float) -> list[ev.Event]:
    """Return the events that grant `command`, or one `CommandRefused` with the reason.

    Parameters
    ----------
    campaign : snapshot the wish meets
    command : the wish
    now : s since 1970, only used to word the reason
    """
    try:
        return _decide(command, campaign, now)
    except _RefusedError as refusal:
        return [
            ev.CommandRefused(
                command=command.kind,
                candidate=getattr(command, "candidate", None),
                by=command.by,
                auth=command.auth,
                reason=str(refusal),
            )
        ]


class _RefusedError(Exception):
    """The reason a wish is not granted, in words for its author."""


@singledispatch
def _decide(command: object, campaign: Campaign, now: float) -> list[ev.Event]:
    raise TypeError(f"unknown command {type(command).__name__}")


@_decide.register
def _(command: cm.ApproveCandidate, campaign: Campaign, now: float) -> list[ev.Event]:
    candidate = _undecided(campaign, command.candidate, now)
    return [
        ev.CandidateApproved(
            candidate=candidate.id,
            by=command.by,
            auth=command.auth,
            reason=command.reason,
            note=command.note,
            hold_s=_hold(campaign, command, candidate),
            overruled=tuple(flag.check for flag in candidate.flags),
            points=min(candidate.points, campaign.left_for(candidate)),
            shown=command.shown,
        )
    ]


@_decide.register
def _(command: cm.VetoCandidate, campaign: Campaign, now: float) -> list[ev.Event]:
    candidate = _known(campaign, command.candidate)
    overrides = candidate.status in (Status.APPROVED, Status.FAILED) and command.auth not in NOT_A_PERSON
    if not overrides:
        _undecided(campaign, command.candidate, now)
    return [
        ev.CandidateVetoed(
            candidate=candidate.id,
            by=command.by,
            auth=command.auth,
            reason=command.reason,
            note=command.note,
            shown=command.shown,
        )
    ]


@_decide.register
def _(command: cm.DeferCandidate, campaign: Campaign, now: float) -> list[ev.Event]:
    candidate = _undecided(campaign, command.candidate, now)
    return [
        ev.CandidateDeferred(
            candidate=candidate.id,
            by=command.by,
            auth=command.auth,
            note=command.note,
            shown=command.shown,
            until=command.until,
        )
    ]


@_decide.register
def _(command: cm.UndoDecision, campaign: Campaign, now: float) -> list[ev.Event]:
    candidate = _known(campaign, command.candidate)
    if candidate.status is Status.WAITING:
        raise _RefusedError(f"{candidate.id} waits already: there is no decision to take back")
    if candidate.status not in (Status.APPROVED, Status.VETOED, Status.DEFERRED):
        raise _RefusedError(_too_late(candidate))
    if control := control_of(campaign, candidate.id):
        raise _RefusedError(f"{candidate.id} was drawn for the control sample: decide about {control.id}")
    return [ev.DecisionUndone(candidate=candidate.id, by=command.by, auth=command.auth)]


@_decide.register
def _(command: cm.SendNow, campaign: Campaign, now: float) -> list[ev.Event]:
    candidate = _known(campaign, command.candidate)
    if candidate.status is not Status.APPROVED:
        raise _RefusedError(f"{candidate.id} is {candidate.status}: no approval of it is held")
    return [ev.HoldEnded(candidate=candidate.id, by=command.by, auth=command.auth)]


@_decide.register
def _(command: cm.EditCandidate, campaign: Campaign, now: float) -> list[ev.Event]:
    candidate = _known(campaign, command.candidate)
    if campaign.state not in ("running", "paused") or campaign.tripped:
        raise _RefusedError(f"the campaign is {campaign.state}: let it run, then edit {candidate.id}")
    if not command.moves and not command.steps:
        raise _RefusedError(f"{candidate.id}: an edit moves an atom or relaxes for some steps")
    atoms = [atom for atom, *_ in command.moves]
    if len(set(atoms)) < len(atoms):
        raise _RefusedError(f"{candidate.id}: an edit puts each atom at one place")
    return [
        ev.EditAsked(
            edit=f"e-{campaign.n_edits + 1:04d}",
            parent=candidate.id,
            moves=command.moves,
            steps=command.steps,
            by=command.by,
            auth=command.auth,
            note=command.note,
        )
    ]


@_decide.register
def _(command: cm.AdoptVetoRule, campaign: Campaign, now: float) -> list[ev.Event]:
    if command.auth in NOT_A_PERSON:
        raise _RefusedError("only a person makes a rule of vetoes")
    if not is_trait(command.trait):
        raise _RefusedError(f"nothing called {command.trait} is measured of a candidate")
    for rule in campaign.veto_rules:
        if (rule.trait, rule.side) == (command.trait, command.side):
            raise _RefusedError(f"{rule.by} has a rule for that: {rule.words}; switch it off first")
    return [
        ev.VetoRuleAdopted(
            trait=command.trait,
            side=command.side,
            limit=command.limit,
            by=command.by,
            auth=command.auth,
            reason=command.reason,
        )
    ]


@_decide.register
def _(command: cm.DropVetoRule, campaign: Campaign, now: float) -> list[ev.Event]:
    if command.auth in NOT_A_PERSON:
        raise _RefusedError("only a person switches a rule off")
    if all(rule.name != command.rule for rule in campaign.veto_rules):
        raise _RefusedError(f"there is no rule {command.rule}")
    return [ev.VetoRuleDropped(rule=command.rule, by=command.by, auth=command.auth)]


@_decide.register
def _(command: cm.RetryReference, campaign: Campaign, now: float) -> list[ev.Event]:
    candidate = _known(campaign, command.candidate)
    if candidate.status is not Status.FAILED:
        raise _RefusedError(f"{candidate.id} is {candidate.status}: only a failed calculation is retried")
    if command.auth in NOT_A_PERSON and candidate in campaign.quarantined:
        raise _RefusedError(f"{candidate.id} failed too often: only a person may try it again")
    return [
        ev.RetryApproved(
            candidate=candidate.id,
            by=command.by,
            auth=command.auth,
            change=command.change,
            note=command.note,
            hold_s=_hold(campaign, command, candidate),
        )
    ]


@_decide.register
def _(command: cm.CancelReference, campaign: Campaign, now: float) -> list[ev.Event]:
    candidate = _known(campaign, command.candidate)
    if candidate.status is not Status.SUBMITTED:
        raise _RefusedError(f"{candidate.id} is {candidate.status}: no calculation of it runs")
    if candidate.cancel is not None:
        raise _RefusedError(f"{candidate.cancel.by} has cancelled this already")
    return [
        ev.CancelRequested(
            candidate=candidate.id,
            attempt=candidate.attempt,
            by=command.by,
            auth=command.auth,
            note=command.note,
        )
    ]


@_decide.register
def _(command: cm.ControlRun, campaign: Campaign, now: float) -> list[ev.Event]:
    if campaign.state not in _RUN_ACTIONS[command.action]:
        raise _RefusedError(f"cannot {command.action} a campaign that is {campaign.state}")
    if campaign.state == "finished" and campaign.left == 0 and not campaign.with_status(Status.APPROVED):
        raise _RefusedError("the budget is spent: raise it first")
    return [ev.RunControlled(action=command.action, by=command.by, auth=command.auth)]


@_decide.register
def _(command: cm.ChangeBudget, campaign: Campaign, now: float) -> list[ev.Event]:
    promised = campaign.spent + campaign.approved
    if command.budget < promised:
        raise _RefusedError(f"{promised} reference calculations are spent or promised already")
    return [ev.BudgetChanged(budget=command.budget, by=command.by, auth=command.auth)]


def _hold(campaign: Campaign, command: cm.Command, candidate: Candidate) -> float:
    """Seconds (s) until a promise may be spent; refused if there is nothing left to promise."""
    rules = campaign.rules
    if rules is None or campaign.left_for(candidate) == 0:
        budget = 0 if rules is None else rules.control_budget if candidate.control_of else rules.budget
        whose = " of the control sample" if candidate.control_of else ""
        raise _RefusedError(f"the budget of {budget} reference calculations{whose} is spent or promised")
    return 0.0 if command.auth in NOT_A_PERSON else rules.hold


def _known(campaign: Campaign, candidate: str) -> Candidate:
    found = campaign.candidates.get(candidate)
    if found is None:
        raise _RefusedError(f"there is no candidate {candidate}")
    return found


def _undecided(campaign: Campaign, candidate: str, now: float) -> Candidate:
    found = _known(campaign, candidate)
    if found.status in UNDECIDED:
        return found
    if found.status in (Status.APPROVED, Status.VETOED) and found.decision:
        ago = max(0, round(now - found.decision.time))
        reason = f": {found.decision.reason}" if found.decision.reason else ""
        raise _RefusedError(f"{found.decision.by} {found.status} this {ago} s ago{reason}")
    raise _RefusedError(_too_late(found))


def _too_late(candidate: Candidate) -> str:
    words = {
        Status.SUBMITTED: "the calculation can be cancelled",
        Status.FAILED: "the calculation failed: retry it or veto it",
    }
    hint = f"; {words[candidate.status]}" if candidate.status in words else ""
    return f"{candidate.id} is {candidate.status}: it was sent to the reference{hint}"
