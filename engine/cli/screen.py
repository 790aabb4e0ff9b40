"""``deltadesk screen``: one potential against a reference on many materials."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.cli.progress import counted
from engine.cli.words import AsJson

if TYPE_CHECKING:
    from engine.study import Screened


def screen(
    protocol: Annotated[
        Path, typer.Argument(help="what is asked: a TOML file as in assets/examples", show_default=False)
    ],
    folder: Annotated[
        Path, typer.Argument(help="folder of the screening; one that was begun goes on", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Compare a potential, or a committee, with a reference on many materials, and say which to look at."""
    from engine.study import read_screen, run_screen, screened, write_screen
    from engine.study.screen_report import table

    asked = read_screen(protocol)
    paused = False
    with counted("materials", len(asked.material), quiet=as_json) as finished:

        def watch(one: Screened) -> None:
            _, energy, force, *_ = table([one])[1][0]
            finished(f"{one.name}: {one.trouble or f'{energy} meV/atom, {force} meV/Å'}")

        try:
            run_screen(asked, folder, watch)
        except KeyboardInterrupt:
            paused = True
    found = screened(asked, folder)
    said = write_screen(asked, found, folder)
    if as_json:
        typer.echo(json.dumps(said))
    else:
        head, rows = table(found)
        shown = Table(*head, title=asked.name)
        shown.columns[0].no_wrap = True
        for row in rows:
            shown.add_row(*row)
        reasons = [f"{name}: {'; '.join(why)}" for name, why in said["suspicious"].items()]
        Console().print(shown, *(reasons or ["no material is suspicious"]), sep="\n", highlight=False)
    if paused:
        typer.echo(f"paused: `deltadesk screen {protocol} {folder}` goes on", err=True)
        raise typer.Exit(1)
