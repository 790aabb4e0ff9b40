"""``deltadesk export``: one campaign, one file: its structures, its potential, or what was done in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, TypeAlias

import pandas as pd

from engine.export import ase_db, chemiscope, extxyz
from engine.export.frames import Frame, What, frames, table
from engine.methods import methods
from engine.spreadsheet import inert
from engine.view import CampaignView
from engine.whole import check_free, write_whole

Format = Literal["extxyz", "ase-db", "csv", "chemiscope", "potential", "methods"]
Watch: TypeAlias = Callable[[Iterable[Frame], int], Iterable[Frame]]
"""Called with the frames and how many there are; passes them on."""

WITH_STRUCTURES: dict[Format, Callable[[Path, Iterable[Frame]], None]] = {
    "ase-db": ase_db.write,
    "chemiscope": chemiscope.write,
    "extxyz": extxyz.write,
}


def export(
    view: CampaignView,
    to: Format,
    out: Path,
    *,
    what: What = "labels",
    force: bool = False,
    watch: Watch = lambda found, count: found,  # noqa: ARG005
) -> int:
    """Write `out` whole or not at all; return how many structures it holds, or labels it was made of.

    Parameters
    ----------
    view : the campaign; it may be running
    to : format; ``potential`` is one for :func:`engine.load_potential`, ``methods`` a paragraph for a paper
    what : which structures
    force : replace a file that is there
    watch : sees the frames go by, for a progress bar

    Raises
    ------
    DeltadeskError
        if there is nothing to export, or `out` cannot be written
    """
    check_free(out.expanduser(), force=force)
    if to == "potential":
        view.save_potential(out, force=force)
        return view.snapshot.n_fitted
    if to == "methods":
        text = methods(view.snapshot)
        write_whole(out, lambda part: part.write_text(text, encoding="utf-8"), force=force)
        return len(view.snapshot.labels)
    rows = table(view, what)

    def write(part: Path) -> None:
        if to == "csv":
            _inert(rows).to_csv(part)
        else:
            WITH_STRUCTURES[to](part, watch(frames(view, rows), len(rows)))

    write_whole(out, write, force=force)
    return len(rows)


def _inert(rows: pd.DataFrame) -> pd.DataFrame:
    """The table, with nothing that a spreadsheet would run: people type notes and names."""
    texts = rows.select_dtypes(["object", "string"])
    return rows.assign(**{name: column.map(_shown) for name, column in texts.items()})


def _shown(cell: object) -> object:
    return inert(cell) if isinstance(cell, str) else cell
