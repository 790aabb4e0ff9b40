"""Several candidates taken together: what they cost, and one word about all of them."""

from __future__ import annotations

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui

from dashboard.panels.markup import Markup, e
from dashboard.session import Session
from dashboard.words import age
from engine.core import Campaign

ASK = "Press <kbd>Enter</kbd> to approve, <kbd>Esc</kbd> to leave it."


class BulkBar:
    """Shown while candidates are marked; approving them all is confirmed beside its cost.

    Parameters
    ----------
    ask_reason : asks why these candidates are to be vetoed
    """

    def __init__(self, session: Session, ask_reason: Callable[[tuple[str, ...]], object]) -> None:
        self._session = session
        self._ask_reason = ask_reason
        self._confirming = False
        self._words = Markup("dd-bulk", live=True, sizing_mode="stretch_width")
        self._approve = pmui.Button(
            label="Approve all …",
            css_classes=["dd-approve-all"],
            size="small",
            margin=(6, 6, 0, 0),
            on_click=lambda _: self.confirm() if self._confirming else self.ask(),
        )
        self._veto = pmui.Button(
            label="Veto all …",
            css_classes=["dd-veto-all"],
            color="error",
            variant="outlined",
            size="small",
            margin=(6, 6, 0, 0),
            on_click=lambda _: self.veto(),
        )
        self._clear = pmui.Button(
            label="Clear",
            css_classes=["dd-clear-marks"],
            color="default",
            variant="text",
            size="small",
            margin=(6, 0, 0, 0),
            on_click=lambda _: self.clear(),
        )
        self.view = pn.Column(
            self._words,
            pn.FlexBox(self._approve, self._veto, self._clear),
            visible=False,
            sizing_mode="stretch_width",
            margin=(6, 4, 0, 4),
        )

    @property
    def asks(self) -> bool:
        """Whether Enter approves all that are marked."""
        return self._confirming

    def draw(self) -> None:
        """Say how many are marked, and what they cost."""
        session = self._session
        snapshot: Campaign | None = session.snapshot
        marked = list(session.marked)
        self.view.visible = bool(marked) and session.may("curate") and snapshot is not None
        if not self.view.visible or snapshot is None:
            self._confirming = False
            return
        points = sum(snapshot.candidates[name].points for name in marked)
        words = f"<b>{len(marked)} chosen</b>: {e(cost(snapshot, points))}; {snapshot.left} left."
        if points > snapshot.left:
            words += " The last ones will be refused: the budget does not reach."
        self._words.show(f"{words} {ASK}" if self._confirming else words)
        label = f"Approve {len(marked)} now" if self._confirming else f"Approve {len(marked)} …"
        if self._approve.label != label:
            self._approve.label, self._veto.label = label, f"Veto {len(marked)} …"

    def ask(self) -> None:
        """Show the cost once more, and wait for Enter."""
        if self._session.marked and self._session.may("curate"):
            self._confirming = True
            self.draw()

    def confirm(self) -> None:
        """Approve all that are marked."""
        marked = list(self._session.marked)
        self._confirming = False
        self._session.decide_about(marked, approve=True)

    def leave(self) -> None:
        """Approve nothing."""
        self._confirming = False
        self.draw()

    def veto(self) -> None:
        """Ask why, and veto all that are marked."""
        self._confirming = False
        if self._session.marked:
            self._ask_reason(tuple(self._session.marked))

    def clear(self) -> None:
        """Mark none."""
        self._confirming = False
        self._session.marked = []


def cost(campaign: Campaign, calculations: int) -> str:
    """What so many calculations are expected to take, from the labels so far."""
    many = f"{calculations} calculation{'s' * (calculations != 1)}"
    each = campaign.core_seconds_each
    if each is None:
        return f"{many}, their cost not known before the first label"
    return f"{many}, about {age(calculations * each)} on one core"
