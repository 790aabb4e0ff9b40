"""A waiting candidate as a card of the queue: its words and its badge. Pure functions."""

from __future__ import annotations

from typing import Any

from dashboard.queue_view import NEW
from dashboard.words import age, signed
from engine.core import Candidate, Status


def card_of(
    candidate: Candidate, now: float, cost: str = "", *, conflict: bool = False, beaten: bool = False
) -> dict[str, Any]:
    """One card of the queue; `beaten`: somebody else has decided about it meanwhile."""
    badge = "FLAG" if candidate.flags else "DEFERRED" if candidate.status is Status.DEFERRED else ""
    if not badge and now - candidate.selected_time < NEW:
        badge = "NEW"
    if conflict:
        badge = "CONFLICT"
    above, std = -dict(candidate.terms).get("promise", 0.0), candidate.energy_std_eV
    sigma = "" if std is None else f" ± {std:.2f}"
    return {
        "id": candidate.id,
        "title": candidate.id,
        "subtitle": f"until the {candidate.until}"
        if candidate.until
        else candidate.generator.replace("-", " "),
        "badge": badge,
        "score": f"{signed(above)}{sigma} eV",
        "age": age(now - candidate.selected_time) if now - candidate.selected_time >= 60 else "",
        "cost": cost,
        "state": "conflict" if beaten else "waiting",
    }
