"""Reference calculations that failed: the reason in words, what to do, and the last lines of the log."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui

from dashboard.panels.markup import Markup, chip, e
from dashboard.session import Session
from dashboard.words import age, changes
from engine.core import Campaign, Candidate, Status

LINES = 20
MOST = 20  # cards that are drawn
PLACEHOLDER = "as in campaign.toml, one a line: max_iterations = 500, time_limit = 7200"

WORDS = {
    "not-converged": (
        "The calculation did not converge.",
        "Look at the structure first: atoms that are too close or half-broken bonds rarely converge, and a "
        "veto spares the next one. If it looks sound, retry it with more cycles or slower mixing.",
    ),
    "crashed": (
        "The program ended before it had a result.",
        "Read its last lines. If they name the machine, run the program by hand in the folder of the "
        "calculation; if they name the structure, veto its like.",
    ),
    "timeout": (
        "The time limit was reached.",
        "Retry it with a larger time_limit or more cores; for all that follow, raise it in [reference].",
    ),
    "memory": (
        "The memory limit was reached.",
        "Retry it with a larger memory_limit; for all that follow, raise it in [reference], or run fewer "
        "at the same time.",
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
        "The calculation vanished with its machine, its server or its folder, and is not repeated by itself.",
        "Retry it. If machines go down often here, raise attempts in [reference].",
    ),
}
"""For each kind of failure: what happened, and what a person can do."""


class Failures:
    """A card for each candidate whose calculation failed; `draw` brings them up to date."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._cards: dict[tuple[str, int], _Card] = {}
        self._title = Markup("dd-words", sizing_mode="stretch_width")
        self.view = pn.Column(
            self._title, sizing_mode="stretch_width", css_classes=["dd-failures"], margin=(0, 0, 18, 0)
        )

    def draw(self, campaign: Campaign) -> None:
        """Show the newest of them; a card that stays keeps what was typed into it."""
        failed = campaign.with_status(Status.FAILED)
        newest = sorted(failed, key=lambda c: c.failures[-1].time, reverse=True)
        more = f" (the newest {MOST} of {len(failed)})" if len(failed) > MOST else ""
        self._title.show(f"<h2>Failed reference calculations{more}</h2>" if failed else "")
        cards = {}
        for candidate in newest[:MOST]:
            key = (candidate.id, candidate.attempt)
            cards[key] = self._cards.get(key) or _Card(self._session, candidate)
        if list(cards) != list(self._cards):
            self._cards = cards
            self.view[:] = [self._title, *(card.view for card in cards.values())]
        for card in cards.values():
            card.draw()


class _Card:
    def __init__(self, session: Session, candidate: Candidate) -> None:
        self._session = session
        text = Markup("dd-failure", sizing_mode="stretch_width")
        text.show(failure_html(candidate))
        self._settings = pmui.TextAreaInput(
            label="Retry with other settings",
            placeholder=PLACEHOLDER,
            rows=2,
            size="small",
            css_classes=["dd-retry-settings"],
            sizing_mode="stretch_width",
            margin=(6, 0),
        )
        retry = pmui.Button(
            label="Retry",
            size="small",
            css_classes=["dd-retry"],
            margin=(0, 8, 0, 0),
            on_click=lambda _: session.retry(
                candidate.id, self._settings.value_input or self._settings.value
            ),
        )
        veto = pmui.Button(
            label="Veto",
            size="small",
            color="error",
            variant="outlined",
            css_classes=["dd-veto-failed"],
            margin=0,
            on_click=lambda _: session.turn_down(candidate.id),
        )
        self._actions = pn.Column(self._settings, pn.Row(retry, veto, margin=0), sizing_mode="stretch_width")
        self.view = pn.Column(text, self._actions, sizing_mode="stretch_width", margin=(0, 0, 14, 0))

    def draw(self) -> None:
        """Offer what this person may do."""
        self._actions.visible = self._session.may("curate")


def failure_html(candidate: Candidate) -> str:
    """A failed calculation: its kind, the reason in words, what to do, what it cost, and its last lines."""
    failure = candidate.failure
    if failure is None:
        return ""
    happened, advice = WORDS[failure.kind]
    lines = "\n".join(failure.log.splitlines()[-LINES:])
    log = f"<details><summary>Last lines of its log</summary><pre>{e(lines)}</pre></details>" if lines else ""
    cores = f" on {failure.cores} cores" if failure.cores > 1 else ""
    told = f", with {changes(failure.change)}" if failure.change else ""
    cost = f"attempt {failure.attempt}{told}; it cost {age(failure.seconds)}{cores}"
    return (
        f'<div class="failure"><div><b>{e(candidate.id)}</b> {chip(failure.kind, "bad")} '
        f'<span class="fine">{e(cost)}</span></div>'
        f"<p>{e(happened)}</p><p><b>What you can do:</b> {e(advice)}</p>{log}</div>"
    )
