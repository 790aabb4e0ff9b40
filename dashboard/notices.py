"""What a person must know before anything else: the engine stopped, nobody answers. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dashboard.words import age
from engine.core import Campaign

PATIENCE = 600.0  # s after which a queue that nobody looks at is worth a line


@dataclass(frozen=True)
class Notice:
    """A line above the page, with at most one thing to press."""

    tone: str
    title: str
    text: str
    action: Literal["", "resume", "review"] = ""


def reading(read: int, unread: int) -> Notice:
    """What to say while a long log is being read: so many of its events are, and so many are not yet."""
    return Notice("quiet", "Opening", f"{read:,} of {read + unread:,} events are read.")


def notice(campaign: Campaign | None, problem: str, now: float) -> Notice | None:
    """Return the most urgent thing to say about a campaign.

    Parameters
    ----------
    campaign : its newest snapshot, or None before its first event
    problem : why it cannot be run on this machine, or nothing
    now : s since 1970
    """
    if problem:
        return Notice("bad", "This campaign cannot go on here", problem)
    if campaign is None or campaign.rules is None:
        return None
    if campaign.state == "failed":
        safe = "What was decided and what was paid for is safe."
        return Notice("bad", "The engine stopped", f"It stopped {campaign.state_reason}. {safe}", "resume")
    if campaign.tripped and campaign.state == "paused":
        advice = "Nothing more is spent: see why on the page Live, mend it, and resume."
        return Notice("bad", "Paused itself", f"{campaign.state_reason}. {advice}", "resume")
    waiting = campaign.waiting
    if campaign.state == "running" and waiting and campaign.left:
        since = max(campaign.decided_time, *(c.selected_time for c in waiting[:1]))
        if now - since > PATIENCE:
            return Notice(
                "warn",
                f"Nobody has answered for {age(now - since)}",
                f"{len(waiting)} candidate{'s' * (len(waiting) > 1)} wait. The search goes on; nothing is "
                "spent until somebody decides.",
                "review",
            )
    return None
