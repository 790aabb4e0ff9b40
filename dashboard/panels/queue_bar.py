"""Above the queue: what is looked for, which candidates are shown, and in what order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.queue_view import ALL, ORDERS, choices
from dashboard.session import Session


class QueueBar:
    """The fields of one session; they and `Session.queue_view` say the same."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._search = pmui.TextInput(
            placeholder="Search (/)",
            css_classes=["dd-search"],
            size="small",
            margin=(0, 0, 6, 0),
            sizing_mode="stretch_width",
        )
        self._show = self._select("Show", [ALL], "dd-show", 2)
        self._order = self._select("Order", list(ORDERS), "dd-order", 3)
        self._search.param.watch(lambda event: self._change(text=event.new or ""), "value_input")
        self._show.param.watch(lambda event: self._change(show=event.new), "value")
        self._order.param.watch(lambda event: self._change(order=event.new), "value")
        self.view = pn.Column(
            self._search,
            pn.Row(self._show, self._order, sizing_mode="stretch_width", styles={"gap": "8px"}),
            sizing_mode="stretch_width",
            margin=(0, 4, 6, 4),
            styles={"max-width": "calc(100vw - 48px)"},  # on a phone: fields ask for more than there is
        )

    def draw(self) -> None:
        """Offer the kinds of candidates that there are."""
        session = self._session
        view = session.queue_view
        offered = choices(session.waiting)
        if view.show not in offered:
            offered.append(view.show)
        if self._show.options != offered:
            self._show.options = offered
        for field, value in ((self._show, view.show), (self._order, view.order)):
            if field.value != value:
                field.value = value
        if not view.text and self._search.value_input:
            self._search.param.update(value="", value_input="")

    def clear(self) -> None:
        """Show all again."""
        self._session.queue_view = replace(self._session.queue_view, text="", show=ALL)

    def _change(self, **asked: str) -> None:
        session = self._session
        view = replace(session.queue_view, **asked)
        if view != session.queue_view:
            session.queue_view = view

    def _select(self, label: str, options: list[str], hook: str, share: int) -> Any:
        return pmui.Select(
            label=label,
            options=options,
            value=options[0],
            css_classes=[hook],
            size="small",
            margin=0,
            sizing_mode="stretch_width",
            styles={"flex": f"{share} 1 0"},
        )
