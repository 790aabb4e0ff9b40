"""``deltadesk serve``: open the dashboard."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from engine.errors import ConfigError


def serve(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="campaign folders to add", show_default=False)
    ] = None,
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="port to listen on")] = 5006,
    address: Annotated[str, typer.Option(help="address to listen on")] = "localhost",
    password_file: Annotated[
        Path | None, typer.Option(help="people sign in: JSON of names and passwords", show_default=False)
    ] = None,
    oauth: Annotated[
        str, typer.Option(help="people sign in elsewhere: one of Panel's providers, e.g. github, generic")
    ] = "",
    origin: Annotated[
        list[str] | None,
        typer.Option(
            help="name by which browsers open this server; of a proxy before it with its port, HOST:443",
            show_default=False,
        ),
    ] = None,
    ssl_certfile: Annotated[
        Path | None, typer.Option(help="certificate (PEM): serve https", show_default=False)
    ] = None,
    ssl_keyfile: Annotated[Path | None, typer.Option(help="its key (PEM)", show_default=False)] = None,
    show: Annotated[bool, typer.Option(help="open a browser here")] = True,
) -> None:
    """Open the dashboard in a browser."""
    from engine import campaigns, config
    from engine.cli import sign_in

    for folder in folders or []:
        config.load(folder)
    shown = _beside(campaigns.in_home(), folders or [])
    home = campaigns.home()
    environment = sign_in.authentication(home, address, password_file, oauth, origin or [])
    options = ["--show"] if show else []
    for name in sign_in.origins(address, port, origin or []):
        options += ["--allow-websocket-origin", name]
    for option, file in (("--ssl-certfile", ssl_certfile), ("--ssl-keyfile", ssl_keyfile)):
        if file is not None:
            if not file.is_file():
                raise ConfigError(f"{option} {file}: there is no such file")
            options += [option, str(file)]
    open_dashboard(shown, address, port, options, environment)


def open_dashboard(
    folders: list[Path], address: str, port: int, options: list[str], environment: dict[str, str]
) -> NoReturn:
    """Become the server.

    Parameters
    ----------
    folders : campaigns that it shows beside those of its home
    address, port : where it listens
    options : of ``panel serve``
    environment : what the dashboard is told beside

    Raises
    ------
    ConfigError
        if something else listens there, or the dashboard is not installed
    """
    _check_port(address, port)
    app = _app_folder()
    template = str(app / "templates" / "sign_in.html")
    for option in ("--basic-login-template", "--logout-template", "--oauth-error-template"):
        options = [*options, option, template]
    shown = {"DELTADESK_CAMPAIGNS": json.dumps([str(folder.resolve()) for folder in folders])}
    arguments = ["serve", str(app), "--address", address, "--port", str(port), *options]
    told = {**os.environ, **environment, **shown}
    os.execve(sys.executable, [sys.executable, "-m", "panel", *arguments], told)


def _beside(in_home: Collection[Path], folders: Collection[Path]) -> list[Path]:
    """Those of the folders that are not in the home anyway, each once; pages know a campaign by its name."""
    own = {folder.resolve() for folder in in_home}
    known = {folder.name: folder for folder in in_home}
    given = [place for place in dict.fromkeys(folder.resolve() for folder in folders) if place not in own]
    for place in given:
        other = known.setdefault(place.name, place)
        if other != place:
            raise ConfigError(
                f"{other} and {place} have one name, by which pages know a campaign: rename one of them"
            )
    return given


def _check_port(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            words = f"port {port} of {address} cannot be used ({error.strerror})"
            raise ConfigError(f"{words}: stop what listens there, or name another with --port") from error


def _app_folder() -> Path:
    """Folder of the dashboard, found as one only: the engine does not know the screen."""
    spec = find_spec("dashboard")
    if spec is None or spec.origin is None:
        raise ConfigError("the dashboard is not installed: pip install -e . in deltadesk's folder")
    return Path(spec.origin).parent
