"""Why a candidate was put before the person, and what became of it: pure functions to HTML."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.panels.acceptance import Frame, acceptance_html
from dashboard.panels.failures import failure_html
from dashboard.panels.markup import chip, e
from dashboard.words import age, signed
from engine.core import BARE_MODEL, Campaign, Candidate, Status
from engine.store import Score

_STATUS_TONE = {
    Status.WAITING: "accent",
    Status.DEFERRED: "quiet",
    Status.APPROVED: "good",
    Status.VETOED: "bad",
    Status.SUBMITTED: "info",
    Status.LABELLED: "good",
    Status.FAILED: "bad",
}


@dataclass(frozen=True)
class Facts:
    """What the panel shows: the candidate, its score, the campaign around it, how its frame was taken.

    `cost_below`: whether what a label costs is said elsewhere, with its spread.
    """

    campaign: Campaign
    candidate: Candidate
    score: Score | None
    n_atoms: int
    now: float
    frame: Frame | None = None
    cost_below: bool = False


def why_html(facts: Facts) -> str:
    """The whole panel."""
    candidate = facts.candidate
    parts = [
        f'<div class="head"><b>{e(candidate.id)}</b>'
        f"{chip(candidate.status, _STATUS_TONE[candidate.status])}</div>",
        f'<p class="sentence">{e(candidate.why)}</p>',
        _outcome(facts),
        "" if facts.frame is None else acceptance_html(facts.frame),
        _terms(candidate),
        _checks(candidate),
        _numbers(facts),
    ]
    return "".join(part for part in parts if part)


def _terms(candidate: Candidate) -> str:
    largest = max((abs(value) for _, value in candidate.terms), default=0.0) or 1.0
    rows = []
    for name, value in candidate.terms:
        width = 50 * abs(value) / largest
        left = 50.0 if value >= 0 else 50 - width
        side = "" if value >= 0 else " against"
        rows.append(
            f'<div class="term"><span>{e(name)}</span><span class="track">'
            f'<i class="fill{side}" style="left:{left:.1f}%;width:{width:.1f}%"></i></span>'
            f'<span class="num">{signed(value)} eV</span></div>'
        )
    return f"<div><h2>For and against</h2>{''.join(rows)}</div>" if rows else ""


def _checks(candidate: Candidate) -> str:
    if not candidate.flags:
        return '<div><h2>Checks</h2><span class="fine">All checks passed.</span></div>'
    rows = "".join(f'<div class="flag"><b>{e(f.check)}</b>: {e(f.reason)}</div>' for f in candidate.flags)
    fine = '<span class="fine">Approving overrules this, and that is kept.</span>'
    return f"<div><h2>Checks</h2>{rows}{fine}</div>"


def _numbers(facts: Facts) -> str:
    candidate, score = facts.candidate, facts.score
    energy = score.energy if score else candidate.energy_eV
    std = score.energy_std if score else candidate.energy_std_eV
    rows = [
        ("predicted energy", f"{energy:.3f} eV"),
        ("above the lowest proposal", f"{-dict(candidate.terms).get('promise', 0.0):.3f} eV"),
        ("σ of the energy", "not known before the first fit" if std is None else f"{std:.3f} eV"),
    ]
    best = facts.campaign.best
    if best is not None and best.label_eV is not None:
        rows.append(("best label", f"{best.label_eV:.3f} eV"))
    if not facts.cost_below:
        rows.append(("cost", _cost(facts.campaign)))
    rows += [
        ("found by", candidate.generator),
        ("place in its batch", str(candidate.rank)),
        ("model", candidate.model_id),
        ("atoms", str(facts.n_atoms)),
        ("waits since", age(facts.now - candidate.selected_time)),
    ]
    lines = "".join(f"<dt>{e(name)}</dt><dd>{e(value)}</dd>" for name, value in rows)
    return f"<div><h2>Numbers</h2><dl>{lines}</dl></div>"


def _cost(campaign: Campaign) -> str:
    each = campaign.core_seconds_each
    return "not known before the first label" if each is None else f"about {age(each)} on one core"


def _outcome(facts: Facts) -> str:
    candidate, decision = facts.candidate, facts.candidate.decision
    lines = []
    if decision is not None and candidate.status is not Status.WAITING:
        verdict = {Status.VETOED: "Vetoed", Status.DEFERRED: "Deferred"}.get(candidate.status, "Approved")
        reason = f": {e(decision.reason)}" if decision.reason else ""
        note = f" “{e(decision.note)}”" if decision.note else ""
        lines.append(f"{verdict} by {e(decision.by)} {age(facts.now - decision.time)} ago{reason}{note}.")
    if candidate.label_eV is not None:
        error = candidate.energy_eV - candidate.label_eV
        # the bare potential counts its energies from another zero than the reference
        off = "" if candidate.model_id == BARE_MODEL else f"; the prediction was {signed(error, 3)} eV off"
        lines.append(
            f"Label: <b>{candidate.label_eV:.3f} eV</b>, largest force {candidate.fmax:.2f} eV/Å, "
            f"in {age(candidate.seconds)}{off}."
        )
    text = f"<div>{'<br>'.join(lines)}</div>" if lines else ""
    if candidate.status is Status.FAILED:
        text += failure_html(candidate)
    return text
