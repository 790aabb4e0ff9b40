"""Which waiting candidates the queue shows, and in what order: pure functions of the snapshot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import inf

from engine.core import Candidate, Status

NEW = 60.0  # s that a card is new
EDGE = 10  # cards beyond the selected one, where there are as many

ALL = "all"
ORDERS = ("newest model", "lowest energy", "largest σ", "longest waiting")
"""The first is how they come."""


@dataclass(frozen=True)
class QueueView:
    """What a person asks of the queue: words to find, which candidates, in which order."""

    text: str = ""
    show: str = ALL
    order: str = ORDERS[0]

    @property
    def narrows(self) -> bool:
        """Whether it may hide a candidate."""
        return bool(self.text.strip()) or self.show != ALL


def choices(waiting: Sequence[Candidate]) -> list[str]:
    """What `show` can be: kinds of candidates, then each search that found one of them."""
    searches = sorted({f"found by {candidate.generator}" for candidate in waiting})
    return [ALL, "new", "all checks passed", "flagged", "deferred", *searches]


def arrange(
    waiting: Sequence[Candidate], view: QueueView, now: float, behind: Collection[str] = ()
) -> list[Candidate]:
    """Those that the view lets pass, in its order; some come `behind`, deferred ones last.

    Parameters
    ----------
    waiting : candidates that nobody has decided
    now : s since 1970
    """
    words = view.text.casefold().split()
    shown = [c for c in waiting if _passes(c, view.show, now) and all(word in _said(c) for word in words)]
    shown.sort(key=lambda c: (c.order, c.rank))
    match ORDERS.index(view.order):
        case 0:
            shown.sort(key=lambda c: c.model_id, reverse=True)
        case 1:
            shown.sort(key=lambda c: c.energy_eV)
        case 2:
            shown.sort(key=lambda c: inf if c.energy_std_eV is None else -c.energy_std_eV)
        case 3:
            shown.sort(key=lambda c: c.selected_time)
    return sorted(shown, key=lambda c: (c.status is Status.DEFERRED, c.id in behind))


def window(first: int, place: int | None, room: int, total: int) -> int:
    """Where the cards that are drawn begin, so that the selected one is among them.

    Parameters
    ----------
    first : where they began before; they stay as far as they can
    place : of the selected candidate in the queue, None if it is not there
    room : cards that are drawn
    total : candidates of the queue
    """
    if place is not None:
        edge = min(EDGE, max(0, room - 1) // 2)
        first = min(max(first, place + edge + 1 - room), place - edge)
    return max(0, min(first, total - room))


def _passes(candidate: Candidate, show: str, now: float) -> bool:
    match show:
        case "new":
            return now - candidate.selected_time < NEW
        case "all checks passed":
            return not candidate.flags
        case "flagged":
            return bool(candidate.flags)
        case "deferred":
            return candidate.status is Status.DEFERRED
    return show in (ALL, f"found by {candidate.generator}")


def _said(candidate: Candidate) -> str:
    """All that words are looked for in."""
    flags = " ".join(f"{flag.check} {flag.reason}" for flag in candidate.flags)
    return f"{candidate.id} {candidate.generator} {candidate.model_id} {candidate.why} {flags}".casefold()
