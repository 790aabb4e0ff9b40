"""``deltadesk new`` and ``deltadesk status``: a campaign's folder, made and looked at."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from engine.cli.words import AsJson, Folder, Labels, Seed, changes, jumps_said, regret_said, summary

TEMPLATES = (
    "what to start from: ag8s4 (the default: the demo), ag4s2, ag4s2-gpaw, ag6s3, ag10s5, ag12s6, ag14s7, "
    "ag16s8 (clusters), s-ag100, s-ag111 (surfaces), si-pool, si-entropy, cui, aggase2 (crystals), "
    "double-well"
)


def new(
    folder: Folder,
    template: Annotated[str | None, typer.Option(help=TEMPLATES)] = None,
    seed: Seed = None,
    labels: Labels = None,
) -> None:
    """Make a campaign folder with a readable campaign.toml."""
    from engine import campaigns, config

    campaigns.new(folder, template or campaigns.DEMO, **changes(seed, labels))
    typer.echo(f"{folder / config.FILENAME} written: edit it, then `deltadesk run {folder}`")


def status(folder: Folder, as_json: AsJson = False) -> None:
    """Say where a campaign stands."""
    from engine import config
    from engine.core import fold
    from engine.store import Store

    config.load(folder)
    store = Store(folder)
    campaign = fold(store.events())
    said, jumps = summary(campaign), jumps_said(campaign, store)
    if as_json:
        more = {"jumps": jumps, "regret": regret_said(campaign, folder)}
        typer.echo(json.dumps(said | more))
        return
    for key, value in said.items():
        typer.echo(f"{key:>16}  {value}")
    for jump in jumps:
        typer.echo(jump["words"])
