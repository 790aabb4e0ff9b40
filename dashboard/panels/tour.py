"""Four small cards beside what they speak of, for whoever opens the desk for the first time."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboard.theme import COMPONENT_CSS

STEPS = (
    (
        "What waits, and where",
        "This says what the campaign does. While candidates wait for you it counts them; each is a card in "
        "the queue on the left. The search goes on meanwhile.",
        [".dd-state .dd-chip", ".dd-queue"],
        ["below", "right"],
    ),
    (
        "Read why",
        "Why this candidate, in a sentence; what speaks for it and against it; its checks; and what a "
        "calculation costs. The structure is coloured by where the model is unsure.",
        [".dd-why"],
        ["left", "above", "below"],
    ),
    (
        "Decide, and take it back",
        "A approves, X and a number vetoes with a reason, D defers. U takes the last decision back: for some "
        "seconds nothing is spent.",
        [".dd-approve"],
        ["above", "below"],
    ),
    (
        "Watch what comes of it",
        "Each label teaches the model. Live shows its errors and the search, Landscape every structure that "
        "was found. ? lists the keys and shows this tour again.",
        [".dd-rail", "[aria-label='Open drawer']"],
        ["right", "below"],
    ),
)
"""Title, words, where (selectors, the first that the page shows), and on which sides of it."""


class Tour(JSComponent):
    """Put one on the page and set `step`; ``dd-tour`` is the card."""

    step = param.Integer(default=0, bounds=(0, len(STEPS)), doc="Card on the screen; none at 0. Both ways.")

    steps = param.List(default=[list(step) for step in STEPS], doc="What the cards say, and where.")

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    _esm = "\n".join(
        files("dashboard.panels").joinpath(name).read_text() for name in ("find_deep.js", "tour.js")
    )
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
