"""``deltadesk run``: a campaign without the dashboard."""

from __future__ import annotations

import getpass
import json
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from engine.cli.words import AsJson, Labels, Seed, changes, jumps_said, summary
from engine.errors import DeltadeskError

if TYPE_CHECKING:
    from engine.config import CampaignSettings
    from engine.core import Campaign, Recorded


def run(
    folder: Annotated[
        Path | None, typer.Argument(help="campaign folder; without one, a new demo", show_default=False)
    ] = None,
    auto_approve: Annotated[
        bool,
        typer.Option(
            "--auto-approve", help="no person: approve what passes all checks and veto the rest, in lockstep"
        ),
    ] = False,
    labels: Labels = None,
    seed: Seed = None,
    as_json: AsJson = False,
) -> None:
    """Run a campaign here, without the dashboard; Ctrl-C pauses it and `run` goes on."""
    from engine import campaigns
    from engine.loop.opening import refuse_what_is_fixed
    from engine.store import Store

    if folder is None:
        folder = campaigns.new_in_home(**changes(seed, labels))
        typer.echo(f"new demo in {folder}", err=True)
    settings = campaigns.edit(folder, partial(refuse_what_is_fixed, folder), **changes(seed, labels))
    if auto_approve:
        auto = settings.curation.model_copy(update={"policy": "auto"})
        settings = settings.model_copy(update={"curation": auto, "pace": "lockstep"})
    campaigns.preflight(folder, settings)
    started = time.monotonic()
    campaign = _run(folder, settings, quiet=as_json)
    jumps = jumps_said(campaign, Store(folder))
    said = summary(campaign) | {"jumps": jumps, "seconds": round(time.monotonic() - started, 1)}
    if as_json:
        typer.echo(json.dumps(said))
    else:
        for jump in jumps:
            typer.echo(jump["words"])
    if campaign.state == "failed":
        raise DeltadeskError(
            f"the engine stopped {campaign.state_reason}; {folder / 'crash.log'} has the trace"
        )
    if campaign.tripped:
        typer.echo(
            f"paused: {campaign.state_reason}; when you have seen to it, `deltadesk run {folder}` goes on",
            err=True,
        )
        raise typer.Exit(1)


def _run(folder: Path, settings: CampaignSettings, *, quiet: bool) -> Campaign:
    from engine.core import RunControlled
    from engine.loop import Explorers, Runner

    console = Console(stderr=True, quiet=quiet)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("labels", total=settings.budget)

        def listen(item: Recorded) -> None:
            if words := _words(item):
                progress.console.print(words, highlight=False, markup=False, soft_wrap=True)
            done = len(runner.campaign.labels)
            progress.update(bar, completed=done)

        explorers = Explorers()
        runner = Runner(folder, settings, explorers, listen)
        start = RunControlled(action="start", by=getpass.getuser(), auth="local")
        failure: list[Exception] = []

        def work() -> None:
            try:
                runner.run(start)
            except Exception as error:  # the seam: a thread's error is raised where it is seen
                failure.append(error)

        thread = threading.Thread(target=work, name="runner")
        thread.start()
        try:
            thread.join()
        except KeyboardInterrupt:
            runner.close()
            thread.join()
            typer.echo(f"paused: `deltadesk run {folder}` goes on", err=True)
            raise typer.Exit(1) from None
        finally:
            explorers.close()
    if failure:
        raise failure[0]
    return runner.campaign


def _words(item: Recorded) -> str:
    """A line for the terminal about what a person wants to know of while a campaign runs."""
    event = item.event
    match event.kind:
        case "CandidateSelected":
            return f"{event.candidate}  {event.reason}"
        case "ControlDrawn":
            return f"{event.candidate}  {event.reason}"
        case "CandidateFollowed":
            return f"{event.candidate or event.leader}  {event.reason}"
        case "CandidateVetoed":
            return f"{event.candidate}  vetoed by {event.by}: {event.reason}"
        case "VetoRuleAdopted":
            return f"{event.by} made a rule: {event.trait} {event.side} {event.limit:g} is flagged"
        case "VetoRuleDropped":
            return f"{event.by} switched a rule off: {event.rule}"
        case "ReferenceCompleted":
            return f"{event.candidate}  label {event.energy_eV:.4f} eV in {event.seconds:.1f} s"
        case "ReferenceFailed":
            first = next(iter(event.log.strip().splitlines()), "it left no words")
            return f"{event.candidate}  reference failed: {event.failure}: {first}"
        case "LabelsImported":
            mixed = "" if event.same_reference else ", of another reference or one that is not known"
            return f"{event.count} labels copied from {event.source}{mixed}"
        case "ModelRefitted":
            known = f"{event.n_train} labels" + (f" and {event.n_imported} imported" * bool(event.n_imported))
            return f"{event.model_id}  fitted to {known}; error before {event.mae_new_eV:.3f} eV"
    return ""
