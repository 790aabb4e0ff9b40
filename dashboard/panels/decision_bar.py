"""Approve, veto with a reason, defer, undo: the buttons under a candidate, and its note."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

import panel as pn
import panel_material_ui as pmui

from dashboard.session import Session
from engine.core import Shown, Until, VetoReason

REASONS: tuple[str, ...] = get_args(VetoReason)
OTHER = REASONS[-1]
LATER: dict[str, Until] = {"The next batch": "next batch", "The next fit": "next fit"}


class DecisionBar:
    """The row of one session; a veto, of one or of all that are chosen, first asks for its reason.

    Parameters
    ----------
    shown : what the page says of the candidate on the screen, kept with the decision
    held : whether an edit has to be ended first, which the person is then told
    """

    def __init__(
        self, session: Session, shown: Callable[[], Shown | None], held: Callable[[], bool] = lambda: False
    ) -> None:
        self._session = session
        self._shown = shown
        self._held = held
        self._about: Mapping[str, Shown | None] = {}
        self._of_many = False
        self._note_of = (session.campaign, session.candidate)
        self._note = pmui.TextInput(
            placeholder="Note with the decision (N)",
            css_classes=["dd-note"],
            size="small",
            width=230,
            margin=0,
        )
        self._decide = [
            _button("Approve", "dd-approve", self.approve, color="primary"),
            _button("Veto …", "dd-veto", self.ask_reason, color="error", variant="outlined"),
            _button("Defer", "dd-defer", self.defer, color="default", variant="outlined"),
            pmui.MenuButton(
                label="Until",
                items=[{"label": words} for words in LATER],
                css_classes=["dd-defer-until"],
                color="default",
                variant="text",
                margin=(0, 8, 0, 0),
                on_click=lambda item: self.defer(LATER[item["label"]]),
            ),
        ]
        self._undo = _button("Undo", "dd-undo", session.undo, color="default", variant="text")
        self._reasons = pn.FlexBox(
            *(self._reason(number, reason) for number, reason in enumerate(REASONS, start=1)),
            visible=False,
            margin=(8, 0, 0, 0),
        )
        row = pn.FlexBox(*self._decide, self._undo, self._note, margin=(10, 0, 0, 0), gap="8px 0")
        self.view = pn.Column(row, self._reasons, margin=0, sizing_mode="stretch_width")

    @property
    def asks(self) -> bool:
        """Whether the next key is a reason."""
        return bool(self._reasons.visible)

    def draw(self) -> None:
        """Offer what can be done now; a question about whom somebody else decided is over."""
        session = self._session
        waiting = {candidate.id for candidate in session.waiting}
        can_decide = session.may("curate") and session.candidate in waiting
        for button in self._decide:
            button.disabled = not can_decide
        self._undo.disabled = not session.may("curate")
        self._keep_the_note_of()
        if not self.asks:
            return
        if not self._of_many and session.candidate not in self._about:
            self.close()
        elif not waiting.intersection(self._about):
            self.close()
            session.say_why_not()

    def approve(self) -> None:
        """Spend a calculation on the candidate on the screen."""
        if not self._held():
            self._session.approve(self._take_note(), shown=self._shown())

    def defer(self, until: Until = "") -> None:
        """Ask about it later."""
        if not self._held():
            self._session.defer(until, self._take_note(), shown=self._shown())

    def ask_reason(self, about: Mapping[str, Shown] | None = None) -> None:
        """Ask why the candidate on the screen, or these, of which the page says so much, are to be vetoed."""
        session = self._session
        if not session.may("curate") or self._held():
            return
        if about or any(candidate.id == session.candidate for candidate in session.waiting):
            self._about, self._of_many = about or {str(session.candidate): None}, bool(about)
            self._reasons.visible = True
        else:
            session.say_why_not()

    def press(self, key: str) -> None:
        """Take a reason, or leave."""
        if key in "123456":
            self._veto(REASONS[int(key) - 1])
        elif key == "Escape":
            self.close()

    def close(self) -> None:
        """Ask no more."""
        self._reasons.visible = False

    def _veto(self, reason: str) -> None:
        if reason == OTHER and not (self._note.value_input or "").strip():
            self._session.notify("Say why in the note first (N), then choose 6 again.", "info")
            return
        self.close()
        if self._of_many:
            self._session.decide_about(
                self._about, approve=False, reason=reason, note=self._take_note(), shown=self._about
            )
        else:
            self._session.veto(reason, self._take_note(), shown=self._shown())

    def _keep_the_note_of(self) -> None:
        """A note is about the candidate that it was written at, or about all that are chosen."""
        now = (self._session.campaign, self._session.candidate)
        if now != self._note_of and not self._session.marked:
            self._take_note()
        self._note_of = now

    def _take_note(self) -> str:
        note = self._note.value_input or ""
        # where the cursor is still in it, only the second is set
        self._note.param.update(value="", value_input="")
        return note

    def _reason(self, number: int, reason: str) -> Any:
        return pmui.Button(
            label=f"{number}  {reason}",
            css_classes=[f"dd-reason-{number}"],
            color="error",
            variant="outlined",
            size="small",
            margin=(0, 6, 6, 0),
            on_click=lambda _: self._veto(reason),
        )


def _button(label: str, hook: str, act: Callable[[], object], **look: Any) -> Any:
    return pmui.Button(label=label, css_classes=[hook], on_click=lambda _: act(), margin=(0, 8, 0, 0), **look)
