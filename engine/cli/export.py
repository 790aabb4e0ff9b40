"""``deltadesk export``: take the data out."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import track

from engine.cli.words import Folder

if TYPE_CHECKING:
    from engine.export.frames import Frame


class To(StrEnum):
    """Formats."""

    extxyz = "extxyz"
    ase_db = "ase-db"
    csv = "csv"
    chemiscope = "chemiscope"
    potential = "potential"
    methods = "methods"


class What(StrEnum):
    """Which structures."""

    labels = "labels"
    candidates = "candidates"
    proposals = "proposals"


def export(
    folder: Folder,
    out: Annotated[Path, typer.Argument(help="file to write", show_default=False)],
    to: Annotated[To, typer.Option(help="format")],
    what: Annotated[
        What, typer.Option(help="labelled structures, all that a person was asked about, or all found")
    ] = What.labels,
    force: Annotated[bool, typer.Option("--force", help="replace OUT if it exists")] = False,
) -> None:
    """Write a campaign's structures, its potential, or a methods paragraph; the campaign may be running."""
    from engine.export import export as write  # pandas comes with it
    from engine.view import CampaignView

    with closing(CampaignView(folder)) as view:
        count = write(view, to.value, out, what=what.value, force=force, watch=_progress)
    what = What.labels if to in (To.potential, To.methods) else what
    typer.echo(f"{out}: {count} {what[:-1] if count == 1 else what}")


def _progress(frames: Iterable[Frame], count: int) -> Iterable[Frame]:
    console = Console(stderr=True)
    return track(frames, "writing", count, console=console, transient=True, disable=not console.is_terminal)
