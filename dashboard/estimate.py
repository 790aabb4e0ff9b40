"""What a campaign will cost, from what others of this server paid for the same. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Any

from dashboard.words import age
from engine.config import CampaignSettings, SystemSettings
from engine.core import Campaign

SAME = ("name", "calculator", "settings")
"""Settings of a reference that decide what one calculation costs."""


def paid(settings: CampaignSettings, campaigns: Iterable[Campaign]) -> list[float]:
    """Wall time (s) of every label of the same reference and number of atoms."""
    reference = settings.reference.model_dump(mode="json")
    seconds: list[float] = []
    for campaign in campaigns:
        said: dict[str, Any] = dict(campaign.settings)
        theirs, system = said.get("reference", {}), said.get("system", {})
        if any(theirs.get(key) != reference[key] for key in SAME) or not system.get("composition"):
            continue
        other = SystemSettings.model_validate(system)
        if _size(other) == _size(settings.system):
            seconds += [campaign.candidates[label].seconds for label in campaign.labels]
    return seconds


def _size(system: SystemSettings) -> tuple[int, str | None, str | None]:
    """What tells how large a calculation is: atoms, but for those of a file."""
    return system.n_atoms, system.slab.file, system.crystal.file


def lines(settings: CampaignSettings, seconds: list[float]) -> list[str]:
    """The estimate in words: what may be spent, what it costs, and the first batch."""
    budget, batch = settings.budget, min(settings.selection.batch, settings.budget)
    parallel = min(settings.reference.parallel, batch)
    who = "each one approved by a person" if settings.curation.policy == "person" else "approved by a rule"
    first = f"At most {budget} reference calculations, {who}."
    atoms = settings.system.n_atoms
    if not seconds:
        return [
            first,
            f"Their cost is not known before the first label: nothing on this server has labelled {atoms} "
            f"atoms with {settings.reference.name}.",
        ]
    one = median(seconds)
    rounds = -(-batch // parallel)
    return [
        first,
        f"About {age(one)} each (median of {len(seconds)} labels of {atoms} atoms with "
        f"{settings.reference.name} on this server), {age(budget * one)} in all.",
        f"The first batch of {batch}: about {age(rounds * one)} of calculation, {parallel} at a time.",
    ]
