"""A table of texts that can be sorted and in which one row is chosen; fetches nothing."""

from __future__ import annotations

from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboard.theme import COMPONENT_CSS


class DataTable(JSComponent):
    """Rows of `rows`, sorted in the browser by a click on a column's head; ``dd-table`` is the table.

    A column is a dict of ``label`` and optionally ``title`` (a sentence of help) and ``words`` (true for text
    that stands to the left). A row is a dict of ``id``, ``cells`` (texts) and ``sort`` (numbers or texts to
    sort by, one a cell; None comes last). Text is text.
    """

    columns = param.List(default=[], item_type=dict, doc="Heads, from left to right.")

    rows = param.List(default=[], item_type=dict, doc="What to show, in the order before any sorting.")

    selected = param.String(default=None, allow_None=True, doc="Id of the chosen row; both ways.")

    total = param.Integer(default=0, bounds=(0, None), doc="How many there are, where `rows` are the first.")

    label = param.String(default="", doc="Name of the table for a screen reader.")

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    _esm = "data_table.js"
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", **params})
