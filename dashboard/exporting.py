"""An export for a page: a worker writes the file, and says what is in it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.export.campaign import Format
    from engine.export.frames import What


@dataclass(frozen=True)
class Written:
    """A file, its size in bytes, and the structures in it or labels it was made of."""

    path: Path
    size: int
    count: int


def write(folder: Path, to: Format, what: What, out: Path) -> Written:
    """Export the campaign in `folder`, over an earlier export of it.

    Raises
    ------
    DeltadeskError
        if there is nothing to export, or `out` cannot be written
    """
    from engine.export import export
    from engine.view import CampaignView

    with closing(CampaignView(folder)) as view:
        count = export(view, to, out, what=what, force=True)
    return Written(out, out.stat().st_size, count)
