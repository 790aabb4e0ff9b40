"""What a campaign's log must say before it runs: that it began, and what campaign.toml says now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.config import CampaignSettings
from engine.config.base import merged
from engine.core import Campaign, CampaignStarted, Event, Rules, SettingsChanged, fold
from engine.errors import ConfigError
from engine.store import Store
from engine.store.connection import FILENAME

FIXED = ("name", "seed", "system", "potential", "delta", "committee", "pretraining")
"""Sections that a campaign keeps from its first event to its last."""

FIXED_REFERENCE = ("name", "calculator", "command", "settings")
"""Labels of different references must not be mixed."""


def rules_of(settings: CampaignSettings) -> Rules:
    """The part of the settings that the fold follows."""
    selection = settings.selection
    return Rules(
        budget=settings.budget,
        pace=settings.pace,
        policy=settings.curation.policy,
        hold=settings.curation.hold,
        batch=selection.batch,
        queue=selection.queue,
        pool=selection.pool,
        cold_start=selection.cold_start,
        refit_every=selection.refit_every,
        parallel=settings.reference.parallel,
        attempts=settings.reference.attempts,
        pause_after=settings.reference.pause_after,
        quarantine_after=settings.reference.quarantine_after,
        stop_error=settings.stop.error,
        stop_entropy=settings.stop.entropy,
        stop_cycles=settings.stop.cycles,
        stop_acceptance=settings.stop.acceptance,
        stop_quiet=settings.stop.quiet,
        control=settings.curation.control,
        control_budget=settings.curation.control_budget,
    )


def opening_events(campaign: Campaign, settings: CampaignSettings) -> list[Event]:
    """`CampaignStarted` for a new folder, `SettingsChanged` if campaign.toml was edited since.

    Raises
    ------
    ConfigError
        if a section was edited that a campaign must keep
    """
    said = settings.model_dump(mode="json")
    rules = rules_of(settings)
    if campaign.rules is None:
        return [CampaignStarted(name=settings.name, seed=settings.seed, rules=rules, settings=said)]
    before = _with_defaults(dict(campaign.settings))
    changed = [section for section in said if said[section] != before.get(section)]
    fixed = [section for section in changed if section in FIXED]
    if "reference" in changed:
        old = before["reference"]
        fixed += [f"reference.{k}" for k in FIXED_REFERENCE if said["reference"][k] != old[k]]
    if fixed:
        words = ", ".join(fixed)
        raise ConfigError(
            f"campaign.toml: {words} changed since this campaign began; put it back, or begin another "
            "campaign with `deltadesk new`"
        )
    if not changed:
        return []
    if "budget" not in changed:  # a budget that was changed on the desk stays
        rules = rules.model_copy(update={"budget": campaign.rules.budget})
    return [SettingsChanged(rules=rules, settings=said, changed=tuple(changed))]


def refuse_what_is_fixed(folder: Path, settings: CampaignSettings) -> None:
    """See that a campaign which has begun could go on with these settings.

    Raises
    ------
    ConfigError
        as `opening_events`
    """
    if not (folder / FILENAME).exists():
        return
    store = Store(folder)
    try:
        opening_events(fold(store.events()), settings)
    finally:
        store.close()


def _with_defaults(before: dict[str, Any]) -> dict[str, Any]:
    """Settings of an older log, with the defaults of what has come since."""
    return merged(CampaignSettings().model_dump(mode="json"), before)
