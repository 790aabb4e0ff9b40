"""Who may wish for what: asked at every wish, before anything is looked for; refusals are written down."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dashboard import doorbook, people
from dashboard.people import Person, Role
from engine import config
from engine.errors import CampaignError, DeltadeskError, NotAllowedError


class Rights:
    """What is allowed on this server; on one that only `replays`, nothing is."""

    def __init__(self, *, replays: bool) -> None:
        self._replays = replays

    def require(self, by: Person, needed: Role, wish: str, campaign: str = "") -> None:
        """Refuse a wish for which a person's role is not enough.

        Raises
        ------
        CampaignError
            on a server that shows replays
        NotAllowedError
            if the role is not enough, or nobody's can be read
        """
        if self._replays:
            _written_down(by, wish, campaign)
            raise CampaignError(
                "this server shows replays and runs nothing: start `deltadesk serve` for that"
            )
        try:
            people.require(by, needed)
        except DeltadeskError as error:
            raise NotAllowedError(_written_down(by, wish, campaign) or str(error)) from error

    def refuse_code(
        self,
        by: Person,
        changes: dict[str, Any],
        wish: str,
        campaign: str = "",
        before: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Refuse settings that name what runs, or who runs it, which no page may change.

        Raises
        ------
        NotAllowedError
            if one does
        """
        try:
            config.refuse_code(changes, before)
        except NotAllowedError:
            _written_down(by, f"{wish}: code", campaign)
            raise


def _written_down(by: Person, wish: str, campaign: str) -> str:
    """Write a refusal down; return what may be said of a list of people that cannot be read."""
    role, problem = people.standing(by)
    doorbook.refused(by, role, wish, campaign)
    return problem
