"""Decisions that can still be taken back, with the seconds that are left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboard.session import Session
from dashboard.theme import COMPONENT_CSS
from engine.core import Campaign, Status


class Outbox(JSComponent):
    """Rows of `items`: dicts of ``id``, ``words``, ``left`` and ``hold`` (s); ``dd-outbox`` is the list."""

    items = param.List(default=[], item_type=dict, doc="What may still be taken back, oldest first.")

    can_send = param.Boolean(default=False, doc="Whether to offer that all is sent now.")

    empty = param.String(default="Nothing is on its way.", doc="Words shown where there is nothing.")

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    _esm = "outbox.js"
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def __init__(
        self, on_undo: Callable[[str], object], on_send: Callable[[], object], **params: Any
    ) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", **params})
        self._on_undo = on_undo
        self._on_send = on_send

    def _handle_msg(self, data: dict[str, Any]) -> None:
        if data.get("send"):
            self._on_send()
        else:
            self._on_undo(str(data["id"]))


def on_their_way(session: Session, snapshot: Campaign, now: float) -> list[dict[str, Any]]:
    """Rows of what is being sent, then of approvals that can be taken back."""
    hold = snapshot.rules.hold if snapshot.rules else 0.0
    rows = [
        {"id": sent.candidate, "words": f"{sent.kind}, sending", "left": 0.0, "hold": 0.0}
        for sent in session.sent.values()
    ]
    for candidate in snapshot.with_status(Status.APPROVED):
        if candidate.decision is not None and candidate.id not in session.sent:
            left = candidate.decision.time + candidate.decision.hold_s - now
            rows.append(
                {
                    "id": candidate.id,
                    "words": f"approved by {candidate.decision.by}",
                    "left": left,
                    "hold": hold,
                }
            )
    return rows
