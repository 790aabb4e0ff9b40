"""A bar on the terminal for what takes long in many parts, with a line for each part that is finished."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def counted(name: str, total: int, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Give a function that writes a line and moves the bar on; the bar is drawn on a terminal only."""
    console = Console(stderr=True, quiet=quiet)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(name, total=total)

        def finished(line: str) -> None:
            progress.console.print(line)
            progress.advance(bar)

        yield finished
