"""What a new tab opens: what its address asks for, or what needs the person most."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.people import Person
from dashboard.runtime import Runtime
from dashboard.session import Session
from dashboard.tab import PAGES, PIECE
from engine import recordings
from engine.core import Campaign

MOST_DIGITS = 18  # of a place in a log; Python reads no number of thousands


def open_session(runtime: Runtime, person: Person, arguments: Mapping[str, list[bytes]]) -> Session:
    """A session at ``?campaign=NAME&page=review&candidate=ID``, ``&section=rules`` or ``&at=120``."""
    session = Session(runtime, person)
    asked = {key: values[0].decode(errors="replace") for key, values in arguments.items() if values}
    name, page = asked.get("campaign", ""), asked.get("page", "")
    session.section = asked.get("section", "")
    is_recording = name not in runtime.folders() and name.endswith(recordings.SUFFIX)
    if name in runtime.folders() or is_recording:
        at = asked.get("at", "1" if runtime.replays or is_recording else "")
        if at.isdecimal() and len(at) <= MOST_DIGITS:
            session.look_back(name, int(at))
        else:
            session.open(name)
        candidate, snapshot = asked.get("candidate"), session.snapshot
        if candidate and (snapshot is None or candidate in snapshot.candidates):
            session.candidate = candidate
        session.page = page if page in PAGES else _page_of(snapshot)
        return session
    begun = [name for name in runtime.folders() if runtime.follower(name) is not None]
    name, urgent = most_urgent({name: runtime.newest(name, PIECE) for name in begun})
    if name and runtime.replays:
        session.look_back(name)
        urgent = "live"
    elif name:
        session.open(name)
    session.page = page if page in PAGES else urgent
    return session


def most_urgent(campaigns: Mapping[str, Campaign | None]) -> tuple[str, str]:
    """(campaign, page): Review if something waits, Live if one runs, else Runs."""
    for page in ("review", "live"):
        for name, campaign in campaigns.items():
            if _page_of(campaign) == page:
                return name, page
    return next(iter(campaigns), ""), "runs"


def _page_of(campaign: Campaign | None) -> str:
    if campaign is None:
        return "runs"
    if campaign.waiting and campaign.left:
        return "review"
    return "live" if campaign.state == "running" else "runs"
