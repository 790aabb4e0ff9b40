"""Where a campaign's core time went."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core import Campaign
from engine.store import SearchedSoFar

PARTS = ("base", "delta", "fit", "reference")
"""The universal potential, the rest of the searches' steps (Δ-model, moves, checks), fits, references."""


def core_seconds(campaign: Campaign, searched: Sequence[SearchedSoFar]) -> dict[str, float]:
    """Core-seconds of each of `PARTS`: processor time of steps and fits, clock time × cores of references."""
    base = sum(chain.base_seconds for chain in searched)
    return {
        "base": base,
        "delta": sum(chain.seconds for chain in searched) - base,
        "fit": sum(model.seconds for model in campaign.models),
        "reference": sum(c.seconds * c.cores for c in campaign.candidates.values()),
    }
