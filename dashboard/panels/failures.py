"""Reference calculations that failed: the reason in words, what to do, and the last lines of the log."""

from __future__ import annotations

from dashboard.panels.markup import chip, e
from engine.core import Campaign, Candidate, Status

LINES = 20

WORDS = {
    "not-converged": (
        "The calculation did not converge.",
        "Look at the structure first: atoms that are too close or half-broken bonds rarely converge, and a "
        "veto spares the next one. If it looks sound, give [reference] settings with more cycles or slower "
        "mixing.",
    ),
    "crashed": (
        "The program ended before it had a result.",
        "Read its last lines. If they name the machine, run the program by hand in the folder of the "
        "calculation; if they name the structure, veto its like.",
    ),
    "timeout": (
        "The time limit was reached.",
        "Raise time_limit in [reference], or give each calculation more cores; then stop and resume.",
    ),
    "memory": (
        "The memory limit was reached.",
        "Raise memory_limit in [reference], or run fewer at the same time; then stop and resume.",
    ),
    "not-finite": (
        "The result holds energies or forces that are not numbers.",
        "It is not used as a label. Usually two atoms sit on one another: veto its like.",
    ),
    "absurd": (
        "The result holds a force or an energy that no structure has.",
        "It is not used as a label. Usually the calculation ended in a wrong state, or two atoms sit on one "
        "another: look at the structure, then retry with other settings or veto it.",
    ),
    "cancelled": (
        "The calculation was cancelled.",
        "Veto the candidate, or retry it.",
    ),
    "setup": (
        "The calculator could not be made.",
        "Every calculation will fail like this: see name, calculator and settings of [reference], and that "
        "the program is installed here.",
    ),
    "lost": (
        "The calculation vanished, more often than it may be started again.",
        "The machine or the scheduler ended it. Raise attempts in [reference] if that is usual here.",
    ),
}
"""For each kind of failure: what happened, and what a person can do."""


def failures_html(campaign: Campaign) -> str:
    """All failed calculations, the newest first; nothing if there are none."""
    failed = campaign.with_status(Status.FAILED)
    if not failed:
        return ""
    rows = "".join(failure_html(candidate) for candidate in reversed(failed))
    return f"<h4>Failed reference calculations</h4>{rows}"


def failure_html(candidate: Candidate) -> str:
    """One of them."""
    failure = candidate.failure
    if failure is None:
        return ""
    happened, advice = WORDS[failure.kind]
    lines = "\n".join(failure.log.splitlines()[-LINES:])
    log = f"<details><summary>Last lines of its log</summary><pre>{e(lines)}</pre></details>" if lines else ""
    return (
        f'<div class="failure"><div><b>{e(candidate.id)}</b> {chip(failure.kind, "bad")}</div>'
        f"<p>{e(happened)}</p><p><b>What you can do:</b> {e(advice)}</p>{log}</div>"
    )
