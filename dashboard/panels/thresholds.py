"""Limits of the campaign on the screen as forms: written to campaign.toml, used from its next start on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
from pydantic import BaseModel

from dashboard.panels.forms import Choices, Form
from dashboard.panels.markup import Markup, e
from dashboard.panels.registered import registered
from dashboard.session import Session
from engine import campaigns
from engine.config import CampaignSettings, ChecksSettings, SelectionSettings, StopSettings


class Limits(BaseModel):
    """The sections that a campaign may change at any start."""

    checks: ChecksSettings
    selection: SelectionSettings
    stop: StopSettings

    @classmethod
    def of(cls, settings: CampaignSettings) -> Limits:
        """Those of a campaign."""
        return cls(checks=settings.checks, selection=settings.selection, stop=settings.stop)


class Thresholds:
    """What is flagged, what is asked about and when enough is known; `draw` follows the campaign."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._form: Form | None = None
        self._filled: tuple[str, Limits] | None = None
        self._words = Markup("dd-words dd-threshold-words", live=True, sizing_mode="stretch_width")
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)
        self._save = pmui.Button(
            label="Write to campaign.toml",
            size="small",
            variant="outlined",
            css_classes=["dd-save-thresholds"],
            on_click=lambda _: self.save(),
            margin=(4, 0, 0, 0),
        )
        self.view = pn.Column(
            self._words, self._place, self._save, sizing_mode="stretch_width", margin=0, styles={"gap": "8px"}
        )

    @property
    def untouched(self) -> bool:
        """Whether what stands here is what campaign.toml says."""
        return self._form is None or self._filled is None or self._form.read()[0] == self._filled[1]

    def draw(self, settings: CampaignSettings) -> None:
        """Show what campaign.toml says; what is being typed stays while nobody else changes it."""
        limits = Limits.of(settings)
        if self._filled != (self._session.campaign, limits):
            self._filled = self._session.campaign, limits
            self._form = Form(Limits, limits.model_dump(), Choices(registered()), lambda: None)
            self._place[:] = [self._form.view]
        snapshot = self._session.snapshot
        used: Mapping[str, Any] = {} if snapshot is None else snapshot.settings
        new = [name for name, part in limits.model_dump(mode="json").items() if used.get(name) != part]
        self._words.show(e(_said(new)))

    def save(self) -> None:
        """Write what was typed, if it can be used."""
        if self._form is None or self._filled is None:
            return
        limits, problems = self._form.read()
        session, (campaign, before) = self._session, self._filled
        if limits is None:
            session.notify(f"Nothing was written. {problems[0]}", "bad")
            return
        changes = campaigns.differences(before.model_dump(mode="json"), limits.model_dump(mode="json"))
        if not changes:
            session.notify("Nothing was changed.", "info")
            return
        folder, drafts = session.runtime.folders().get(campaign), session.runtime.drafts
        if folder is None:
            session.notify(f"There is no campaign {campaign} any more.", "bad")
            return
        settings = session.guard(lambda: drafts.edit(session.person, folder, changes))
        if settings is not None:
            session.notify("Written to campaign.toml.", "good")
            self.draw(settings)


def _said(new: Sequence[str]) -> str:
    """What becomes of sections that campaign.toml has otherwise than the log."""
    if not new:
        return "These are in use. What you change is used from the campaign's next start on."
    return (
        f"campaign.toml has other values for {', '.join(new)} than those in use: they are used from the "
        "campaign's next start on. To use them now, stop the campaign and start it."
    )
