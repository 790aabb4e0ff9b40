"""The budget of the campaign on the screen: what is left of it, and a field to change it."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui

from dashboard.panels.markup import Markup, e
from dashboard.session import Session
from engine.core import Campaign

DIGITS = 9  # of a budget, at most


class Budget:
    """Reference calculations that may be spent; `draw` follows the campaign."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._drawn = ""
        self._words = Markup("dd-words", sizing_mode="stretch_width", margin=(0, 0, 10, 0))
        self._field = pmui.TextInput(
            label="Reference calculations that may be spent",
            size="small",
            width=290,
            margin=(0, 10, 0, 0),
            css_classes=["dd-new-budget"],
        )
        self._field.param.watch(lambda _: self._change(), "enter_pressed")
        change = pmui.Button(
            label="Change the budget",
            size="small",
            variant="outlined",
            css_classes=["dd-change-budget"],
            on_click=lambda _: self._change(),
            margin=(4, 0, 0, 0),
        )
        self.view = pn.Column(
            self._words,
            pn.FlexBox(self._field, change, gap="8px", margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )

    @property
    def untouched(self) -> bool:
        """Whether no other budget than the present one is typed here."""
        return (self._field.value_input or "") in ("", self._drawn.rpartition(" ")[2])

    def draw(self, campaign: Campaign) -> None:
        """Show what is spent; what is being typed stays while the budget does."""
        budget = 0 if campaign.rules is None else campaign.rules.budget
        self._words.show(
            f"<p>{e(campaign.name)}: <b>{campaign.spent}</b> spent, <b>{campaign.approved}</b> approved and "
            f"on their way, <b>{campaign.left}</b> left of <b>{budget}</b>.</p>"
        )
        about = f"{self._session.campaign} {budget}"
        if about != self._drawn:
            self._drawn = about
            self._field.value = str(budget)

    def _change(self) -> None:
        text = (self._field.value_input or "").strip()
        good = text.isascii() and text.isdigit() and len(text) <= DIGITS and int(text) > 0
        self._field.param.update(
            error_state=not good, helper_text="" if good else f"A whole number from 1 on, got {text[:40]!r}."
        )
        if good:
            self._session.change_budget(int(text))
