"""Where in a log a replay stands, to be dragged or moved by keys."""

from __future__ import annotations

from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboard.theme import COMPONENT_CSS


class MomentSlider(JSComponent):
    """``dd-moment``, from the first event to the last."""

    value = param.Integer(default=1, bounds=(1, None), doc="Number of the event.")

    last = param.Integer(default=2, bounds=(2, None), doc="Number of the last one.")

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    _esm = "moment_slider.js"
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "min_width": 140, **params})
