"""A waiting candidate as a card of the queue: its words and its badge. Pure functions."""

from __future__ import annotations

from typing import Any

from dashboard.queue_view import NEW
from dashboard.words import age, signed
from engine.core import Candidate, Status

LIKELY_VETO = "LIKELY VETO"


def card_of(
    candidate: Candidate,
    now: float,
    cost: str = "",
    *,
    likely: bool = False,
    conflict: bool = False,
    beaten: bool = False,
) -> dict[str, Any]:
    """One card of the queue; `likely` to be vetoed; `beaten`: somebody else has decided meanwhile."""
    badge = "FLAG" if candidate.flags else "DEFERRED" if candidate.status is Status.DEFERRED else ""
    origin = f"until the {candidate.until}" if candidate.until else candidate.generator.replace("-", " ")
    if likely and badge:
        origin = f"{LIKELY_VETO.lower()} · {origin}"  # beside a badge that says something else
    elif likely:
        badge = LIKELY_VETO
    elif not badge and now - candidate.selected_time < NEW:
        badge = "NEW"
    if conflict:
        badge = "CONFLICT"
    above, std = -dict(candidate.terms).get("promise", 0.0), candidate.energy_std_eV
    sigma = "" if std is None else f" ± {std:.2f}"
    return {
        "id": candidate.id,
        "title": candidate.id,
        "subtitle": origin,
        "badge": badge,
        "score": f"{signed(above)}{sigma} eV",
        "age": age(now - candidate.selected_time) if now - candidate.selected_time >= 60 else "",
        "cost": cost,
        "state": "conflict" if beaten else "waiting",
    }
