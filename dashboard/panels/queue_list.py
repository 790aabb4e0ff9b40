"""The queue of candidates as cards: patched in place, one selected, several markable."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboard.theme import BADGE_TONES, COMPONENT_CSS


class QueueList(JSComponent):
    """Cards of what `show` is given, in that order; ``dd-queue`` is the list, ``dd-card`` each waiting card.

    An item is a dict of plain values, all but the first optional: ``id``, ``title``, ``subtitle``, ``badge``,
    ``score``, ``age`` and ``cost`` (texts), ``state`` (``waiting``, ``sending`` or ``conflict``). A card that
    is being sent is dimmed and cannot be chosen; it is no ``dd-card``, nor is one that somebody else decided.
    """

    sent = param.String(
        default="[]", doc="What `show` was told, as JSON: Bokeh looks through a list value by value."
    )

    selected = param.String(default=None, allow_None=True, doc="Id of the chosen card; both ways.")

    marked = param.List(
        default=[], item_type=str, doc="Ids taken together for one decision; ctrl+click toggles."
    )

    empty = param.String(default="Nothing to review.", doc="Words shown where there is no card.")

    limit = param.Integer(
        default=200, bounds=(1, None), doc="Cards drawn at most; the foot says how many there are."
    )

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    tones = param.Dict(default=BADGE_TONES, precedence=0, doc="Tone of each badge.")

    total = param.Integer(
        default=0, bounds=(0, None), doc="How many wait, where only some of them are shown."
    )

    _esm = "queue_list.js"
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def __init__(self, picture: Callable[[str], str], **params: Any) -> None:
        """Draw cards; ``picture(id)`` gives a card's ``data:`` address, asked for once it is drawn."""
        if not {"width", "height", "sizing_mode"} & set(params):
            params["sizing_mode"] = "stretch_both"
        super().__init__(**params)
        self._picture = picture

    def show(self, items: list[dict[str, Any]]) -> None:
        """Draw these, in order."""
        self.sent = json.dumps(items)

    def _handle_msg(self, data: dict[str, Any]) -> None:
        self._send_msg({"pictures": {str(name): self._picture(str(name)) for name in data["ids"]}})
