"""What a screen reader says of a campaign: its state and how many wait, and at once that an engine failed."""

from __future__ import annotations

from typing import Any

import param
from panel.custom import JSComponent

from dashboard.words import headline
from engine.core import Campaign


class Announcer(JSComponent):
    """Invisible; put one on the page. Each text is said when it changes."""

    polite = param.String(default="", doc="Said when the person is not being told something else.")

    assertive = param.String(default="", doc="Said at once.")

    _esm = "announcer.js"

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})

    def draw(self, campaign: Campaign | None, n_waiting: int) -> None:
        """Say what this campaign does now, if that is new."""
        if campaign is None or campaign.rules is None:
            self.param.update(polite="", assertive="")
            return
        failed = campaign.state == "failed"
        self.param.update(
            polite=spoken(campaign, n_waiting), assertive=headline(campaign).help if failed else ""
        )


def spoken(campaign: Campaign, n_waiting: int) -> str:
    """State and queue in one sentence each."""
    few = {0: "Nothing waits", 1: "1 candidate waits"}
    return (
        f"{campaign.name} is {campaign.state}. {few.get(n_waiting, f'{n_waiting} candidates wait')} for you."
    )
