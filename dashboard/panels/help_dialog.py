"""The list of keys, over the page: `?` opens it, Esc closes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboard.theme import COMPONENT_CSS


class HelpDialog(JSComponent):
    """Put one on the page and call `open`; ``dd-help`` is the dialog. Keys pressed in it go nowhere else.

    Parameters
    ----------
    actions : what its buttons do, by their labels; the dialog closes first
    """

    groups = param.List(default=[], doc="(title, [[keys, words], …]) for each group of keys.")

    labels = param.List(default=[], item_type=str, doc="Labels of the buttons under the keys.")

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    _esm = "help_dialog.js"
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def __init__(self, actions: Mapping[str, Callable[[], object]], **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, "labels": list(actions), **params})
        self._actions = actions

    def open(self) -> None:
        """Show it."""
        self._send_msg({"type": "open"})

    def _handle_msg(self, data: dict[str, Any]) -> None:
        self._actions[str(data["label"])]()
