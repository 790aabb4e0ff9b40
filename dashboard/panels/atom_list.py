"""Atoms as a list, the least known first; a chosen row is the picked atom of the pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import param
from numpy.typing import ArrayLike
from panel.custom import JSComponent

from dashboard.theme import COMPONENT_CSS

MOST = 1000
"""Rows that are sent at most."""


class AtomList(JSComponent):
    """A table of what `show` is given; ``dd-atoms`` is the table, each row has its ``data-atom``."""

    sent = param.String(default="", doc="What is shown, as JSON, see `atom_rows`.")

    picked = param.Integer(default=None, allow_None=True, bounds=(0, None), doc="The chosen atom; both ways.")

    most = param.Integer(default=10, bounds=(1, None), doc="Rows before `Show all`.")

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    _esm = "atom_list.js"
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def show(self, rows: str) -> None:
        """Show what `atom_rows` made; an unchanged text is not sent again."""
        self.sent = rows


def atom_rows(symbols: Sequence[str], columns: Mapping[str, ArrayLike | None]) -> str:
    """Atoms with a number in each column that is known, by the first of these, the largest first.

    Parameters
    ----------
    symbols : of n atoms
    columns : (n,) numbers, or None, by heading

    Returns
    -------
    JSON of ``total``, ``columns`` and ``rows`` (index, symbol, numbers), at most `MOST`; empty where nothing
    is known
    """
    known = {name: np.asarray(values, dtype=float) for name, values in columns.items() if values is not None}
    if not known:
        return ""
    first = next(iter(known.values()))
    order = np.argsort(-first, kind="stable")[:MOST].tolist()
    rows = [[k, symbols[k], *(f"{values[k]:.3f}" for values in known.values())] for k in order]
    return json.dumps({"total": len(symbols), "columns": list(known), "rows": rows})
