"""The browser tab's title, changed while the page is open: it carries the number of waiting candidates."""

from __future__ import annotations

from typing import Any

import param
from panel.custom import JSComponent


class TabText(JSComponent):
    """Invisible; put one on the page. Panel itself sets the title only when a page is loaded.

    (Not called "…Title": panel-material-ui takes every class of such a name for a plot's title.)
    """

    text = param.String(default="", doc="Title to show; an empty one leaves the page's own.")

    _esm = "tab_text.js"

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
