"""What fits and labels from outside change."""

from __future__ import annotations

from engine.core import events as ev
from engine.core.campaign import Campaign
from engine.core.folding.change import ImpossibleEventError, change, come_back


@change.register
def _(event: ev.LabelsImported, campaign: Campaign, item: ev.Recorded) -> Campaign:
    if campaign.rules is None or campaign.models:
        raise ImpossibleEventError(f"event {item.seq}: labels are imported before the first fit")
    return campaign._replace(imports=(*campaign.imports, event))


@change.register
def _(event: ev.ModelRefitted, campaign: Campaign, item: ev.Recorded) -> Campaign:
    return come_back(campaign, "next fit")._replace(models=(*campaign.models, event))
