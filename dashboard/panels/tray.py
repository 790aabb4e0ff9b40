"""A tray of minima: small pictures in a row, each to be chosen or taken out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboard.theme import COMPONENT_CSS


class Tray(JSComponent):
    """Pictures of what `show` is given, in that order; ``dd-tray`` is the list.

    An item is a dict of ``id``, ``facts`` (text) and ``picture`` (a ``data:`` address).
    """

    sent = param.String(default="[]", doc="What `show` was told, as JSON.")

    selected = param.String(default=None, allow_None=True, doc="Id of the chosen one; both ways.")

    empty = param.String(default="", doc="Words where nothing is in it.")

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    _esm = "tray.js"
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def __init__(self, on_remove: Callable[[str], object], **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", **params})
        self._on_remove = on_remove

    def show(self, items: list[dict[str, str]]) -> None:
        """Draw these, in order; what has not changed is not sent again."""
        self.sent = json.dumps(items)

    def _handle_msg(self, data: dict[str, Any]) -> None:
        self._on_remove(str(data["remove"]))
