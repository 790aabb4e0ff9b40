"""``deltadesk serve``: open the dashboard."""

from __future__ import annotations

import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import ConfigError


def serve(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="campaign folders to add", show_default=False)
    ] = None,
    port: Annotated[int, typer.Option(help="port to listen on")] = 5006,
    address: Annotated[str, typer.Option(help="address to listen on")] = "localhost",
) -> None:
    """Open the dashboard in a browser."""
    from engine import config

    for folder in folders or []:
        config.load(folder)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            words = f"port {port} of {address} cannot be used ({error.strerror})"
            raise ConfigError(f"{words}: stop what listens there, or name another with --port") from error
    # found as a folder only: the engine does not know the screen
    spec = find_spec("dashboard")
    if spec is None or spec.origin is None:
        raise ConfigError("the dashboard is not installed: pip install -e . in deltadesk's folder")
    app_folder = str(Path(spec.origin).parent)
    os.environ["DELTADESK_CAMPAIGNS"] = os.pathsep.join(str(f.resolve()) for f in folders or [])
    arguments = ["serve", app_folder, "--address", address, "--port", str(port), "--show"]
    os.execv(sys.executable, [sys.executable, "-m", "panel", *arguments])
