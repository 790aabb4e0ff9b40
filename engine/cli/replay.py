"""``deltadesk replay``: play a campaign from its log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def replay(
    folder: Annotated[Path, typer.Argument(help="campaign folder, or the name of a recording: ag8s4 ...")],
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="port to listen on")] = 5006,
    show: Annotated[bool, typer.Option(help="open a browser here")] = True,
) -> None:
    """Play a campaign from its log in a browser, from its first event on; nothing is run or changed."""
    from engine import config, recordings
    from engine.cli.serve import open_dashboard
    from engine.store import Store

    if not folder.exists() and str(folder) in {one.name for one in recordings.known()}:
        folder = recordings.unpacked(str(folder))
    config.load(folder)
    Store(folder).close()  # says in words what is wrong with it
    open_dashboard([folder], "localhost", port, ["--show"] if show else [], {"DELTADESK_REPLAY": "1"})
