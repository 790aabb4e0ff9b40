"""Messages of the browser itself, for a person who looks elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboard.theme import COMPONENT_CSS


class Notifier(JSComponent):
    """Invisible; shows a notification where the browser permits it and the page is not in front."""

    _esm = "notifier.js"

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})

    def show(self, title: str, text: str) -> None:
        """Say ``text`` outside the page."""
        self._send_msg({"title": title, "text": text})


class NotifyButton(JSComponent):
    """Turns notifications on and off; the browser is asked only once the person presses it."""

    on = param.Boolean(default=False, doc="Whether the person wants them.")

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    _esm = "notify_button.js"
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def __init__(self, on_change: Callable[[bool], object], **params: Any) -> None:
        super().__init__(**{"margin": 0, "sizing_mode": "stretch_width", **params})
        self._on_change = on_change

    def _handle_msg(self, data: dict[str, Any]) -> None:
        self.on = bool(data["on"])
        self._on_change(self.on)
