"""A link past bar and rail, for whoever has no mouse: seen only while it has the focus."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import param
from panel.custom import JSComponent

from dashboard.theme import COMPONENT_CSS


class SkipLink(JSComponent):
    """Put one anywhere on the page; ``dd-skip`` becomes the first thing in it."""

    look = param.String(default=COMPONENT_CSS, precedence=0, doc="Style sheet: the link is outside the page.")

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    _esm = "\n".join(
        files("dashboard.panels").joinpath(name).read_text() for name in ("find_deep.js", "skip_link.js")
    )

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
