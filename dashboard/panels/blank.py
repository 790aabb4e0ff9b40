"""What a page shows before it has anything: a picture, what will appear, and one thing to press."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui

from dashboard.panels.markup import Markup
from dashboard.session import Session
from engine.core import Campaign

_FRAME = (
    '<svg viewBox="0 0 120 72" width="120" height="72" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" aria-hidden="true"><path d="M10 6v56h104" opacity=".5"/>{}</svg>'
)
PICTURES = {
    "landscape": '<circle cx="34" cy="42" r="4"/><circle cx="52" cy="26" r="4"/>'
    '<circle cx="66" cy="46" r="4"/><circle cx="84" cy="20" r="4"/><circle cx="98" cy="36" r="4"/>',
    "data": '<path d="M18 56 106 10" stroke-dasharray="4 6"/>'
    '<circle cx="40" cy="40" r="4"/><circle cx="62" cy="36" r="4"/><circle cx="86" cy="18" r="4"/>',
    "live": '<path d="M18 16h18v16h22v12h26v8h24"/>',
}


def next_step(campaign: Campaign | None, name: str) -> tuple[str, str]:
    """Return what brings the first result, and its button: (action, label).

    Actions are those of `Session.control`, or ``page:NAME``.
    """
    if not name:
        return "page:runs", "Start the demo on Runs"
    if campaign is None or campaign.rules is None:
        return "start", "Start"
    if campaign.state in ("paused", "stopped", "failed", "finished"):
        return "resume", "Resume"
    if campaign.waiting and campaign.left:
        return "page:review", f"Review {len(campaign.waiting)} that wait"
    return "page:live", "See what the search does"


class Blank:
    """The first state of one page; `draw` shows it, or takes it away."""

    def __init__(self, session: Session, page: str) -> None:
        self._session = session
        self._page = page
        self._words = Markup("dd-words dd-blank", sizing_mode="stretch_width")
        self._button = pmui.Button(label="", color="primary", css_classes=["dd-next"], margin=(12, 0, 0, 0))
        self._button.on_click(lambda _: self._press())
        self._action = ""
        self.view = pn.Column(self._words, self._button, sizing_mode="stretch_width", visible=False)

    def draw(self, begun: bool, title: str, text: str) -> None:
        """Say what will appear here until something has `begun`; `text` is HTML of ours."""
        self.view.visible = not begun
        if begun:
            return
        session = self._session
        self._words.show(f"{_FRAME.format(PICTURES[self._page])}<h2 class='large'>{title}</h2><p>{text}</p>")
        self._action, self._button.label = next_step(session.snapshot, session.campaign)
        self._button.visible = self._action != f"page:{self._page}" and (
            self._action.startswith("page:") or session.may("administer")
        )

    def _press(self) -> None:
        page = self._action.removeprefix("page:")
        if page != self._action:
            self._session.page = page
        else:
            self._session.control(self._action)
