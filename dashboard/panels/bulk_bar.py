"""Several candidates taken together: what they cost, and one word about all of them."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

import panel as pn
import panel_material_ui as pmui

from dashboard.panels.markup import Markup, e
from dashboard.session import Session
from dashboard.shown import shown_together
from dashboard.words import age
from engine.core import Campaign, Shown

ASK = "Press <kbd>Enter</kbd> to approve, <kbd>Esc</kbd> to leave it."
TOO_MANY = "The last ones will be refused: the budget does not reach."


class BulkBar:
    """Shown while candidates are marked; approving them all is confirmed beside its cost.

    Parameters
    ----------
    ask_reason : asks why these candidates are to be vetoed, of each of which the page says so much
    warnings : why a veto is likely, by candidate
    """

    def __init__(
        self,
        session: Session,
        ask_reason: Callable[[Mapping[str, Shown]], object],
        warnings: Callable[[], Mapping[str, str]],
    ) -> None:
        self._session = session
        self._ask_reason = ask_reason
        self._warnings = warnings
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
        chosen, _, costs = line(snapshot, marked, self._warnings()).partition(":")
        words = f"<b>{e(chosen)}</b>:{e(costs)}"
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
        shown = self._shown()
        self._confirming = False
        self._session.decide_about(shown, approve=True, shown=shown)

    def leave(self) -> None:
        """Approve nothing."""
        self._confirming = False
        self.draw()

    def veto(self) -> None:
        """Ask why, and veto all that are marked."""
        self._confirming = False
        if self._session.marked:
            self._ask_reason(self._shown())

    def _shown(self) -> dict[str, Shown]:
        """What a decision about each of them keeps."""
        session, warnings = self._session, self._warnings()
        snapshot: Campaign | None = session.snapshot
        if snapshot is None:
            return {}
        said, cards = line(snapshot, session.marked, warnings), snapshot.candidates
        return {name: shown_together(cards[name], said, warnings.get(name, "")) for name in session.marked}

    def clear(self) -> None:
        """Mark none."""
        self._confirming = False
        self._session.marked = []


def line(campaign: Campaign, marked: Sequence[str], warned: Container[str] = ()) -> str:
    """How many are chosen, what they cost, what is left for them, and how many are likely to be vetoed."""
    points = sum(campaign.candidates[name].points for name in marked)
    words = f"{len(marked)} chosen: {cost(campaign, points)}; {campaign.left} left."
    if points > campaign.left:
        words += f" {TOO_MANY}"
    if likely := sum(name in warned for name in marked):
        words += f" {likely} of these {'is a likely veto' if likely == 1 else 'are likely vetoes'}."
    return words


def cost(campaign: Campaign, calculations: int) -> str:
    """What so many calculations are expected to take, from the labels so far."""
    many = f"{calculations} calculation{'s' * (calculations != 1)}"
    each = campaign.core_seconds_each
    if each is None:
        return f"{many}, their cost not known before the first label"
    return f"{many}, about {age(calculations * each)} on one core"
