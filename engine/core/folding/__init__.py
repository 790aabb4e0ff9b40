"""The campaign is a fold over its events: `apply` is the one function that changes state.

What each event changes stands in the file that is named like the file of the event.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.core import events as ev
from engine.core.campaign import Campaign
from engine.core.folding import candidates, decisions, models, references, run  # noqa: F401 - they register
from engine.core.folding.change import ImpossibleEventError, change
from engine.core.folding.run import STATE_AFTER

__all__ = ["STATE_AFTER", "ImpossibleEventError", "apply", "fold"]


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
    return change(item.event, campaign, item)._replace(seq=item.seq, time=item.time)
