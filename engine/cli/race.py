"""``deltadesk race``: several selection rules on one pool, and the labels that each saves."""

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
    from engine.study import RaceRun


def race(
    protocol: Annotated[
        Path, typer.Argument(help="what is asked: a TOML file as in assets/examples", show_default=False)
    ],
    folder: Annotated[
        Path, typer.Argument(help="folder of the race; one that was begun goes on", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Let selection rules choose from one pool, and draw what each has learnt by how many labels."""
    from engine.study import finished, read_race, run_race, write_race
    from engine.study.race_report import table, words

    asked = read_race(protocol)
    paused = False
    with counted("rules × seeds", asked.seeds * len(asked.rules), quiet=as_json) as finished_one:

        def watch(run: RaceRun) -> None:
            last = f"{1e3 * run.energy[-1]:.3g} meV/atom, {1e3 * run.forces[-1]:.3g} meV/Å"
            finished_one(f"{run.rule}, seed {run.seed}: {last} after {run.labels[-1]} labels")

        try:
            run_race(asked, protocol.parent, folder, watch)
        except KeyboardInterrupt:
            paused = True
    found = write_race(asked, finished(asked, folder), folder)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        head, rows = table(found)
        shown = Table(*head, title=asked.name)
        for row in rows:
            shown.add_row(*row)
        Console().print(shown, *words(asked, found), sep="\n", highlight=False)
    if paused:
        typer.echo(f"paused: `deltadesk race {protocol} {folder}` goes on", err=True)
        raise typer.Exit(1)
