"""What was asked, approved, vetoed, spent and wasted, as a table."""

from __future__ import annotations

from dashboard.panels.markup import e
from dashboard.words import age
from engine.core import Campaign, ledger


def ledger_html(campaign: Campaign) -> str:
    """The ledger of a campaign; nothing before it has asked."""
    said = ledger(campaign)
    if not said.asked:
        return ""
    candidates = [
        ("asked", said.asked),
        ("approved", said.approved),
        ("vetoed", said.vetoed),
        ("undecided", said.undecided),
    ]
    calculations = [
        ("started", said.calculations),
        ("labelled", said.labelled),
        ("running", said.running),
        ("failed", said.failed),
        ("cancelled", said.cancelled),
        ("lost with their machine", said.lost),
    ]
    wasted = f"{said.wasted} without a label: {age(said.wasted_core_seconds)}"
    core_time = [("in all", age(said.core_seconds)), ("wasted", wasted)]
    parts = (("Candidates", candidates), ("Calculations", calculations), ("Core time", core_time))
    return "<h2>Ledger</h2>" + "".join(_part(title, rows) for title, rows in parts)


def _part(title: str, rows: list[tuple[str, int]] | list[tuple[str, str]]) -> str:
    cells = "".join(f"<div><dt>{e(name)}</dt><dd>{e(value)}</dd></div>" for name, value in rows if value != 0)
    return f'<section data-part="{e(title)}"><h3>{e(title)}</h3><dl>{cells}</dl></section>'
