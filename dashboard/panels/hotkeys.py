"""Keys pressed anywhere on the page, each one as a message of its own: fast typing loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import param
from panel.custom import JSComponent


@dataclass(frozen=True)
class Key:
    """One key press.

    Attributes
    ----------
    key : as the browser names it, letters in lower case: ``a``, ``?``, ``Enter``, ``ArrowLeft``, ``" "``
    shift, ctrl : the Command key of a Mac counts as ctrl
    """

    key: str
    shift: bool = False
    ctrl: bool = False


class Hotkeys(JSComponent):
    """Invisible; put one on the page. Silent while the person types in a field (Escape leaves the field).

    With ctrl only `with_ctrl` is taken, so that copy, reload and select-all stay the browser's. A held key
    counts once, except those in `repeating`. The element carries ``data-ready`` once it listens. `on_use` is
    called when something inside ``main`` is pressed, typed into or wheeled.
    """

    with_ctrl = param.List(default=["z", "Enter"], item_type=str, doc="Keys taken together with ctrl.")

    repeating = param.List(
        default=["j", "k", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"],
        item_type=str,
        doc="Keys that repeat while they are held; a decision never does.",
    )

    fields = param.Dict(
        default={}, doc="Keys that put the cursor into a field: the class of an element around it."
    )

    leading = param.List(
        default=["g"], item_type=str, doc="First keys of two: the key after them is no field's."
    )

    taken = param.List(
        default=[], item_type=str, doc="Keys that the page waits for, whatever button has the focus."
    )

    _esm = "hotkeys.js"

    def __init__(
        self,
        on_key: Callable[[Key], object] | None = None,
        on_use: Callable[[], object] = lambda: None,
        **params: Any,
    ) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
        self._on_use = on_use
        self._listeners: list[Callable[[Key], object]] = [on_key] if on_key else []

    def on_key(self, callback: Callable[[Key], object]) -> None:
        """Call ``callback`` with every `Key`, in the order they were pressed."""
        self._listeners.append(callback)

    def _handle_msg(self, data: dict[str, Any]) -> None:
        if data.get("used"):
            self._on_use()
            return
        key = Key(str(data["key"]), bool(data["shift"]), bool(data["ctrl"]))
        for listener in self._listeners:
            listener(key)
