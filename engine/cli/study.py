"""``deltadesk study``: many restarts of several searches, and their success curves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.progress import counted
from engine.cli.words import AsJson

if TYPE_CHECKING:
    from engine.core import Campaign
    from engine.study import Arm


def study(
    protocol: Annotated[
        Path, typer.Argument(help="what is asked: a TOML file as in assets/examples", show_default=False)
    ],
    folder: Annotated[
        Path, typer.Argument(help="study folder; one that was begun goes on", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Run a study's restarts headless, one after another, and draw its success curves; killed, it goes on."""
    from engine.study import outcomes, read_protocol, run_study, summary, write_report

    asked = read_protocol(protocol)
    paused = False
    with counted("restarts", asked.restarts * len(asked.arm), quiet=as_json) as finished_one:

        def watch(arm: Arm, seed: int, campaign: Campaign) -> None:
            best = campaign.best
            lowest = f"best {best.label_eV:.4f} eV" if best and best.label_eV is not None else "no label"
            finished_one(f"{arm.name}, seed {seed}: {campaign.spent} calculations, {lowest}")

        try:
            run_study(asked, protocol.parent, folder, watch)
        except KeyboardInterrupt:
            paused = True
    found, best = outcomes(asked, folder)
    page = write_report(asked, found, best, folder)
    if as_json:
        typer.echo(json.dumps(summary(asked, found, best)))
    else:
        typer.echo(page.read_text(encoding="utf-8"))
    if paused:
        typer.echo(f"paused: `deltadesk study {protocol} {folder}` goes on", err=True)
        raise typer.Exit(1)
