"""What several commands take and say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from engine.core import Campaign
    from engine.store import Store

Folder = Annotated[Path, typer.Argument(help="campaign folder", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="print one line of JSON at the end")]
Seed = Annotated[
    int | None,
    typer.Option(help="seed of all random numbers, written into campaign.toml; fixed once it has begun"),
]
Labels = Annotated[
    int | None, typer.Option(help="budget of reference calculations, written into campaign.toml")
]


def changes(seed: int | None, labels: int | None) -> dict[str, Any]:
    """Top-level settings that the command line asks for instead of campaign.toml's."""
    asked = {"seed": seed, "budget": labels}
    return {key: value for key, value in asked.items() if value is not None}


def summary(campaign: Campaign) -> dict[str, object]:
    """Where a campaign stands, as plain JSON."""
    from engine.core import Status, curation

    count = Counter(c.status for c in campaign.candidates.values())
    best, people = campaign.best, curation(campaign)
    return {
        "name": campaign.name,
        "state": campaign.state,
        "labels": len(campaign.labels),
        "imported": campaign.n_imported,
        "failures": count[Status.FAILED],
        "waiting": len(campaign.waiting),
        "spent": campaign.spent,
        "left": campaign.left,
        "decided_by_people": people.decided,
        "sent_by_people": people.sent,
        "rule_alone": people.rule_alone,
        "veto_rules": [rule.name for rule in campaign.veto_rules],
        "best_candidate": best.id if best else None,
        "best_energy_eV": best.label_eV if best else None,
        "model_id": campaign.model_id,
        "events": campaign.seq,
    }


def jumps_said(campaign: Campaign, store: Store) -> list[dict[str, object]]:
    """Jumps that the watch found, as plain JSON: what became of each, and that in words."""
    if not store.jumps():
        return []
    from engine.loop.jump_cards import in_words, jump_cards  # brings the loop

    return [
        {
            "name": card.jump.name,
            "model_id": card.jump.model_id,
            "frames": [frame.id for frame in card.frames],
            "class": card.state_class,
            "repaired_by": card.repaired_by,
            "words": in_words(card),
        }
        for card in jump_cards(campaign, store)
    ]


def regret_said(campaign: Campaign, folder: Path) -> dict[str, object]:
    """What curation has cost or saved, as plain JSON; empty before a person has decided."""
    from dataclasses import asdict

    from engine.core import curation

    if not curation(campaign).decided:
        return {}
    from engine.loop.regrets import regrets  # brings the potentials

    return asdict(regrets(folder, campaign.seq))
