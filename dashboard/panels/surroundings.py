"""What only a person's browser knows: whether it prefers dark pages, and how wide its window is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panel.custom import JSComponent


class Surroundings(JSComponent):
    """Invisible; calls ``on_change(dark, narrow)`` at once and at every change."""

    _esm = "surroundings.js"

    def __init__(self, on_change: Callable[[bool, bool], object], **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
        self._on_change = on_change

    def _handle_msg(self, data: dict[str, Any]) -> None:
        self._on_change(bool(data["dark"]), bool(data["narrow"]))
