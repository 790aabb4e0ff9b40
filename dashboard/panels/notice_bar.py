"""The line above every page that says what cannot wait, with its one button."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui

from dashboard.notices import Notice
from dashboard.panels.markup import Markup, e
from dashboard.session import Session

LABELS = {"resume": "Resume", "review": "Review"}


class NoticeBar:
    """``dd-notice`` while there is something to say; `draw` brings it up to date."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._text = Markup("dd-notice", live=True, sizing_mode="stretch_width")
        self._button = pmui.Button(
            label="", size="small", color="primary", align="center", margin=(0, 0, 0, 12)
        )
        self._button.on_click(lambda _: self._press())
        self._action = ""
        self.view = pn.Row(
            self._text, self._button, sizing_mode="stretch_width", margin=(0, 0, 14, 0), visible=False
        )

    def draw(self, notice: Notice | None) -> None:
        """Show it, or nothing."""
        about_here = notice is not None and notice.action == "review" and self._session.page == "review"
        self.view.visible = notice is not None
        if notice is None:
            return
        self._action = "" if about_here else notice.action
        self._button.visible = bool(self._action)
        self._button.label = LABELS.get(self._action, "")
        self._text.show(
            f'<div class="box" data-tone="{e(notice.tone)}"><b>{e(notice.title)}.</b> {e(notice.text)}</div>'
        )

    def _press(self) -> None:
        if self._action == "resume":
            self._session.control("resume")
        elif self._action == "review":
            self._session.page = "review"
