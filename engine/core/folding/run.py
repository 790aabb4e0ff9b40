"""What the run's own events change: its rules, settings, budget and state."""

from __future__ import annotations

from immutables import Map

from engine.core import events as ev
from engine.core.campaign import Campaign, RunState
from engine.core.folding.change import ImpossibleEventError, change

STATE_AFTER: dict[str, RunState] = {
    "start": "running",
    "pause": "paused",
    "resume": "running",
    "stop": "stopped",
    "crash": "failed",
    "finish": "finished",
}
"""What each action of a `RunControlled` leads to."""


@change.register
def _(event: ev.CampaignStarted, campaign: Campaign, item: ev.Recorded) -> Campaign:
    if campaign.rules is not None:
        raise ImpossibleEventError(f"event {item.seq}: a campaign starts once")
    return campaign._replace(
        name=event.name,
        seed=event.seed,
        rules=event.rules,
        settings=Map(event.settings),
        settings_seq=item.seq,
    )


@change.register
def _(event: ev.SettingsChanged, campaign: Campaign, item: ev.Recorded) -> Campaign:
    return campaign._replace(rules=event.rules, settings=Map(event.settings), settings_seq=item.seq)


@change.register
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


@change.register
def _(event: ev.BudgetChanged, campaign: Campaign, item: ev.Recorded) -> Campaign:
    if campaign.rules is None:
        raise ImpossibleEventError(f"event {item.seq}: a budget before the campaign")
    return campaign._replace(rules=campaign.rules.model_copy(update={"budget": event.budget}))


@change.register
def _(event: ev.CommandRefused, campaign: Campaign, item: ev.Recorded) -> Campaign:
    return campaign
