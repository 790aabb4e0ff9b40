"""What a person who looks elsewhere is told of a campaign. Pure functions of two looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core import Campaign

STATES = {"failed": "The engine stopped.", "finished": "Finished."}


@dataclass(frozen=True)
class Look:
    """What is told of, as it stood at one moment.

    Attributes
    ----------
    paused_itself : why it did; else empty
    failed : (candidate, attempt) of calculations that gave no label, but for those that a person cancelled
    waiting : how many candidates do
    """

    campaign: str
    state: str
    paused_itself: str
    failed: frozenset[tuple[str, int]]
    waiting: int


def look(campaign: Campaign, waiting: int) -> Look:
    """Look at a campaign, of which so many candidates wait for this person."""
    tripped = campaign.tripped and campaign.state == "paused"
    failures = ((c.id, f) for c in campaign.candidates.that_failed for f in c.failures)
    return Look(
        campaign=campaign.name,
        state=campaign.state,
        paused_itself=campaign.state_reason if tripped else "",
        failed=frozenset((name, f.attempt) for name, f in failures if f.kind != "cancelled"),
        waiting=waiting,
    )


def news(before: Look, now: Look) -> str:
    """What happened between two looks, the most urgent first; empty if it is nothing to be called for."""
    if before.campaign != now.campaign:
        return ""
    said = []
    if now.state != before.state and now.state in STATES:
        said.append(STATES[now.state])
    if now.paused_itself and not before.paused_itself:
        said.append(f"Paused itself: {now.paused_itself}.")
    failed = sorted(now.failed - before.failed)
    if len(failed) == 1:
        said.append(f"The calculation of {failed[0][0]} failed.")
    elif failed:
        said.append(f"{len(failed)} calculations failed.")
    if now.waiting and not before.waiting:
        said.append("1 waits for you." if now.waiting == 1 else f"{now.waiting} wait for you.")
    return " ".join(said)
