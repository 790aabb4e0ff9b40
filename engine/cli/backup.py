"""``deltadesk backup`` and ``deltadesk restore``: a campaign in one file, and back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from engine.cli.words import Folder


def backup(
    folder: Folder,
    out: Annotated[
        Path | None,
        typer.Argument(
            help="file to write; left out: beside the campaign's folder, with the time", show_default=False
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace OUT if it exists")] = False,
) -> None:
    """Copy a whole campaign into one file; it may be running."""
    from engine.store import backup as store

    out = out or store.default_name(folder)
    seq = store.backup(folder, out, force=force, watch=_progress)
    typer.echo(f"{out}: {folder} up to event {seq}; `deltadesk restore {out} {folder}` brings it back")


def restore(
    archive: Annotated[Path, typer.Argument(help="what `deltadesk backup` wrote", show_default=False)],
    folder: Folder,
) -> None:
    """Bring a campaign back from a backup; what that replaces is set aside, no calculation is lost."""
    from engine.store import backup as store

    seq, aside = store.restore(archive, folder)
    replaced = f"; what was there is in {aside}" if aside else ""
    typer.echo(f"{folder}: back at event {seq}{replaced}; start what runs or shows it again")


def _progress(paths: Iterable[Path], count: int) -> Iterable[Path]:
    console = Console(stderr=True)
    return track(paths, "copying", count, console=console, transient=True, disable=not console.is_terminal)
