"""What reference calculations change: labels, failures, and what is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core import events as ev
from engine.core.campaign import Campaign
from engine.core.candidate import Candidate, Decision, Failure, Status
from engine.core.folding.change import ImpossibleEventError, change, decide, get, put


@change.register
def _(event: ev.RetryApproved, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = get(campaign, event.candidate, item, Status.FAILED)
    decision = Decision(event.by, event.auth, item.time, "retry", event.note, event.hold_s)
    again = candidate._replace(status=Status.APPROVED, decision=decision, change=event.change, granted=1)
    return decide(campaign, again)


@change.register
def _(event: ev.CancelRequested, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = get(campaign, event.candidate, item, Status.SUBMITTED)
    cancel = Decision(event.by, event.auth, item.time, note=event.note)
    return put(campaign, candidate._replace(cancel=cancel))


@change.register
def _(event: ev.ReferenceSubmitted, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = get(campaign, event.candidate, item, Status.APPROVED, Status.SUBMITTED, Status.FAILED)
    if event.attempt != candidate.attempt + 1:
        raise ImpossibleEventError(f"event {item.seq}: attempt {event.attempt} follows {candidate.attempt}")
    again = candidate.status is Status.SUBMITTED
    return put(
        campaign,
        candidate._replace(
            status=Status.SUBMITTED,
            attempt=event.attempt,
            folder=event.folder,
            submitted_time=item.time,
            submitted_seq=candidate.submitted_seq if again else item.seq,
            cores=event.cores,
            cancel=None,
            lost=candidate.lost + again,
        ),
    )


@change.register
def _(event: ev.ReferenceCompleted, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = get(campaign, event.candidate, item, Status.SUBMITTED)
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
    return put(campaign, labelled)._replace(
        labels=(*campaign.labels, event.candidate),
        lowest=event.candidate if lower else campaign.lowest,
        failed_in_row=0,
    )


@change.register
def _(event: ev.ReferenceFailed, campaign: Campaign, item: ev.Recorded) -> Campaign:
    candidate = get(campaign, event.candidate, item, Status.SUBMITTED)
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
    return put(campaign, failed)._replace(failed_in_row=campaign.failed_in_row + count)


def _as_before(settings: dict[str, Any], best: Candidate | None) -> Mapping[str, Any]:
    """Equal settings once: labels of one campaign mostly have the same."""
    return best.reference_settings if best is not None and best.reference_settings == settings else settings
