"""Who is here now: a line of this server's memory for each open page. Nothing of it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.people import Person


@dataclass(frozen=True)
class Place:
    """Where somebody is: in which campaign, at which candidate if the page shows one."""

    person: Person
    campaign: str
    candidate: str | None = None


class Presence:
    """Places of all open pages, each under a name of its own."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}

    def put(self, tab: str, place: Place) -> None:
        """A page is here now."""
        self._places[tab] = place

    def leave(self, tab: str) -> None:
        """A page is gone, or was never here."""
        self._places.pop(tab, None)

    def others(self, person: Person, campaign: str) -> list[Place]:
        """Where everybody else in a campaign is, by name; who has two pages open has two places."""
        here = [p for p in self._places.values() if p.campaign == campaign and p.person != person]
        return sorted(here, key=lambda place: (place.person.name, place.person.auth, place.candidate or ""))


def is_connected(context: Any) -> bool:
    """Whether a browser holds a session's websocket; the server keeps a session without one for seconds."""
    return context.session is not None and context.session.connection_count > 0
