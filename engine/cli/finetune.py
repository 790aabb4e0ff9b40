"""``deltadesk finetune``: a committee of universal potentials, trained on a campaign's labels."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from engine.cli.words import Folder

if TYPE_CHECKING:
    from engine.fine_tuning import Tuned


class With(StrEnum):
    """Whose trainer."""

    mace = "mace"
    chgnet = "chgnet"


def finetune(
    folder: Folder,
    *,
    with_: Annotated[With, typer.Option("--with", help="whose model and trainer")],
    members: Annotated[int, typer.Option(min=2, max=100, help="models")] = 4,
    epochs: Annotated[int, typer.Option(min=1, max=10**6, help="passes through the labels")] = 50,
    base: Annotated[
        str | None,
        typer.Option(
            help="what they start from: a potential's name or the whole path of a file, which can run code "
            "(default: mace-mp-0-small, chgnet-0.3.0)",
            show_default=False,
        ),
    ] = None,
    subsample: Annotated[
        float, typer.Option(min=0.05, max=0.95, help="part of the labels that each learns from")
    ] = 0.8,
    batch: Annotated[int, typer.Option(min=1, max=10**6, help="labels of one step")] = 5,
    learning_rate: Annotated[float, typer.Option(min=1e-8, max=1.0, help="first step length of Adam")] = 1e-3,
    device: Annotated[str, typer.Option(help="what computes it: cpu, cuda …")] = "cpu",
    seed: Annotated[int, typer.Option(min=0, max=2**31, help="of the first member")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="folder to write to (default: FOLDER/finetuned)", show_default=False)
    ] = None,
) -> None:
    """Fine-tune MACE or CHGNet to a campaign's labels, several times: a committee. Wants a GPU."""
    from engine import config
    from engine.fine_tuning import Tuning, fine_tune
    from engine.fine_tuning.tuning import BASE

    config.load(folder)
    asked = Tuning(
        kind=with_.value,
        base=base or BASE[with_.value],
        members=members,
        epochs=epochs,
        subsample=subsample,
        batch=batch,
        learning_rate=learning_rate,
        device=device,
        seed=seed,
    )
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("members", total=members)

        def watch(one: Tuned) -> None:
            progress.console.print(
                f"{one.file}: {len(one.learnt)} labels, seed {one.seed}, {one.seconds:g} s"
            )
            progress.advance(bar)

        made = fine_tune(folder, asked, out or folder / "finetuned", watch)
    typer.echo(_lines(with_, made))


def _lines(kind: With, made: list[Tuned]) -> str:
    """What campaign.toml says to use them."""
    files = "\n".join(f'    "{one.file}",' for one in made)
    return f'[potential]\nname = "none"\n\n[committee]\nkind = "{kind}"\nfiles = [\n{files}\n]'
