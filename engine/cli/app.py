"""All commands, and the one place where an error becomes a line and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import typer

from engine.cli.backup import backup, restore
from engine.cli.decide import decide
from engine.cli.doctor import doctor
from engine.cli.export import export
from engine.cli.finetune import finetune
from engine.cli.folder import new, status
from engine.cli.race import race
from engine.cli.replay import replay
from engine.cli.run import run
from engine.cli.screen import screen
from engine.cli.serve import serve
from engine.cli.study import study
from engine.errors import DeltadeskError, one_line

COMMANDS: tuple[Callable[..., None], ...] = (
    new,
    run,
    serve,
    replay,
    status,
    decide,
    export,
    backup,
    restore,
    study,
    race,
    screen,
    finetune,
    doctor,
)
"""In the order that ``--help`` lists them."""

UsageError: Any = typer.BadParameter.__base__  # typer names it nowhere else

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Search for structures and train potentials; a person decides what is paid for.",
)
for command in COMMANDS:
    app.command()(command)


def main() -> None:
    """Run the command line; what a person can mend is one line and exit code 2."""
    try:
        sys.exit(app(standalone_mode=False))
    except typer.Abort:
        sys.exit(1)
    except UsageError as error:
        words = error.format_message()
        # without a command the message is the help page
        is_help = words.lstrip().startswith("Usage:")
        typer.echo(words if is_help else f"deltadesk: {one_line(words)} (see --help)", err=True)
        sys.exit(2)
    except DeltadeskError as error:
        typer.echo(f"deltadesk: {error}", err=True)
        sys.exit(2)
    except OSError as error:  # the seam: a path that this system does not take, a disk that is full
        where = f"{error.filename}: " if error.filename else ""
        typer.echo(f"deltadesk: {one_line(where + (error.strerror or str(error)))}", err=True)
        sys.exit(2)
