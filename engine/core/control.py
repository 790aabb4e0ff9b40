"""A control sample of what people veto: the same draw whenever it is looked at, from the campaign's seed."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from engine.core.campaign import Campaign
from engine.core.candidate import NOT_A_PERSON, UNDECIDED, Candidate, Status


def drawn(campaign: Campaign, now: float) -> list[Candidate]:
    """Vetoed candidates that are to be asked about once more, oldest veto first.

    A person's veto is drawn with the probability ``control`` once it has stood for as long as an approval can
    be taken back, and while the control budget has room for it; what was ever sent is not.
    """
    rules = campaign.rules
    if rules is None or not rules.control:
        return []
    controls = campaign.candidates.controls
    paid, asked = campaign.candidates.tally.control, sum(c.status in UNDECIDED for c in controls)
    room = rules.control_budget - paid - asked
    if room <= 0:
        return []
    before = {c.control_of for c in controls}
    vetoed = [
        (c.decision.time, c.id, c)
        for c in campaign.with_status(Status.VETOED)
        if c.decision
        and c.decision.auth not in NOT_A_PERSON
        and c.decision.time + rules.hold <= now
        and not (c.attempt or c.leader or c.control_of or c.id in before)
        and _draw(campaign.seed, c.id) < rules.control
    ]
    return [candidate for *_, candidate in sorted(vetoed)[:room]]


def control_of(campaign: Campaign, candidate: str) -> Candidate | None:
    """Who stands for this candidate in the control sample."""
    return next((c for c in campaign.candidates.controls if c.control_of == candidate), None)


@lru_cache(maxsize=1 << 16)
def _draw(seed: int, candidate: str) -> float:
    """Uniform in [0, 1)."""
    digest = sha256(f"{seed}/{candidate}/control".encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56
