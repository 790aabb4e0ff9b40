"""Short messages in the corner: said to screen readers, dismissable, with at most one action."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboard.theme import COMPONENT_CSS


class Toasts(JSComponent):
    """Put one on the page; each message is a ``dd-toast``, its text shown as text."""

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    _esm = "toasts.js"
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
        self._numbers = count()
        self._actions: dict[int, Callable[[], object]] = {}

    def show(
        self,
        text: str,
        tone: str = "info",
        *,
        seconds: float = 6.0,
        action: str = "",
        on_action: Callable[[], object] | None = None,
    ) -> int:
        """Say ``text``.

        Parameters
        ----------
        tone : ``info``, ``good``, ``warn`` or ``bad``; bad ones interrupt a screen reader
        seconds : 0 keeps it until it is dismissed
        action : label of a button that calls ``on_action`` and closes the message

        Returns
        -------
        a number to `close` it by
        """
        number = next(self._numbers)
        if on_action is not None:
            self._actions[number] = on_action
        message = {
            "type": "show",
            "id": number,
            "text": text,
            "tone": tone,
            "seconds": seconds,
            "action": action,
        }
        self._send_msg(message)
        return number

    def close(self, number: int) -> None:
        """Take the message away, if it is still there."""
        self._actions.pop(number, None)
        self._send_msg({"type": "close", "id": number})

    def _handle_msg(self, data: dict[str, Any]) -> None:
        on_action = self._actions.pop(int(data["id"]), None)
        if data["type"] == "action" and on_action is not None:
            on_action()
