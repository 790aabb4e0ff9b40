"""What came of a campaign: its best minima, what was spent against the plan, and who decided."""

from __future__ import annotations

from collections import Counter

from dashboard.panels.markup import e
from dashboard.words import age
from engine.core import Campaign, Status

BEST = 5


def summary_html(campaign: Campaign) -> str:
    """The end of a finished campaign; nothing while it goes on."""
    if campaign.state != "finished" or campaign.rules is None:
        return ""
    return f"<h2 class='title'>Finished</h2>{_plan(campaign)}{_minima(campaign)}"


def _plan(campaign: Campaign) -> str:
    count = Counter(candidate.status for candidate in campaign.candidates.values())
    seconds = sum(c.seconds * c.cores for c in campaign.candidates.values())
    budget = campaign.rules.budget if campaign.rules else 0
    rows = [
        ("spent", f"{campaign.spent} of {budget} reference calculations"),
        ("labels", str(count[Status.LABELLED])),
        ("failed", str(count[Status.FAILED])),
        ("vetoed", str(count[Status.VETOED])),
        ("core time", age(seconds)),
        ("models fitted", str(len(campaign.models))),
    ]
    return "<dl>" + "".join(f"<div><dt>{e(n)}</dt><dd>{e(v)}</dd></div>" for n, v in rows) + "</dl>"


def _minima(campaign: Campaign) -> str:
    labelled = [campaign.candidates[c] for c in campaign.labels]
    best = sorted(labelled, key=lambda c: (c.label_eV or 0.0, c.id))[:BEST]
    if not best:
        return '<p class="fine">No calculation brought a label.</p>'
    lowest = best[0].label_eV or 0.0
    rows = "".join(
        f"<tr><td>{e(c.id)}</td><td>{c.label_eV:.3f} eV</td>"
        f"<td>{(c.label_eV or 0.0) - lowest:+.3f} eV</td></tr>"
        for c in best
    )
    head = '<tr><th scope="col">best minima</th><th scope="col">energy</th><th scope="col">above</th></tr>'
    return (
        f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
        '<p class="fine">To go on, raise the budget on the page Settings and press Resume.</p>'
    )
