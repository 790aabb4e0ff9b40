"""``deltadesk doctor``: what works here, and what to type for the rest."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

from engine.cli.words import AsJson

if TYPE_CHECKING:
    from engine.doctor import Finding


def doctor(as_json: AsJson = False) -> None:
    """Say what works here, and what to type for the rest; exit code 0 if the demo can run."""
    from engine.doctor import examine

    console = Console(stderr=True, quiet=as_json)
    with console.status("looking around …"):
        findings = list(examine())
    works = all(finding.works for finding in findings if finding.base)
    if as_json:
        typer.echo(json.dumps({"works": works, "findings": [asdict(finding) for finding in findings]}))
    else:
        Console().print(_table(findings))
        typer.echo("deltadesk works here" if works else "deltadesk's demo cannot run here yet")
    raise typer.Exit(0 if works else 1)


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("", "what", "found", "what to type"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        sign = "[green]✓[/]" if finding.works else "[red]✗[/]" if finding.base else "[dim]–[/]"
        table.add_row(sign, finding.title, *map(_plain, (finding.found, finding.remedy)))
    return table


def _plain(text: str) -> str:
    return text.replace("[", "\\[")  # not rich's markup
