"""Says that the server is gone, and comes back with it."""

from __future__ import annotations

from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboard.theme import COMPONENT_CSS


class Connection(JSComponent):
    """Put one on the page; ``dd-lost`` is its banner. The address holds what was on the screen."""

    beat = param.Integer(default=0, doc="A change that says nothing; see `dashboard.layout.Desk.tick`.")

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    _esm = "connection.js"
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
