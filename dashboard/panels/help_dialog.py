"""The list of keys, over the page: `?` opens it, Esc closes it."""

from __future__ import annotations

from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboard.theme import COMPONENT_CSS


class HelpDialog(JSComponent):
    """Put one on the page and call `open`; ``dd-help`` is the dialog. Keys pressed in it go nowhere else."""

    groups = param.List(default=[], doc="(title, [[keys, words], …]) for each group of keys.")

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    _esm = "help_dialog.js"
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})

    def open(self) -> None:
        """Show it."""
        self._send_msg({"type": "open"})
