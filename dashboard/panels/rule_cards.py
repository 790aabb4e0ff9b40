"""Cards of rules that vetoes taught: those that are suggested, tried on the past, and those switched on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.panels.markup import Markup, e
from dashboard.session import Session
from dashboard.words import age, signed
from engine.core import Campaign, Candidate, VetoRule
from engine.loop.vetoes import Suggestion

LISTED = 12  # candidates of a preview that are named


class RuleCards:
    """A card for each rule; `draw` brings them up to date."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._cards: dict[tuple[str, str], _Card] = {}
        self._refused: set[tuple[str, str]] = set()
        self.view = pn.Column(sizing_mode="stretch_width", css_classes=["dd-veto-rules"], margin=0)

    def draw(self, campaign: Campaign, suggestions: Sequence[Suggestion], *, switched_on: bool) -> None:
        """Show suggestions that this tab has not turned down, and rules that are switched on if asked."""
        cards = {}
        if switched_on:
            for rule in campaign.veto_rules:
                cards["on", rule.name] = self._cards.get(("on", rule.name)) or _RuleCard(self._session, rule)
        for one in suggestions:
            key = (self._session.campaign, one.rule.trait + one.rule.side)
            if key in self._refused or _has(campaign, one.rule):
                continue
            card = self._cards.get(("suggested", one.rule.name)) or _SuggestionCard(
                self._session, lambda key=key: self._turn_down(key)
            )
            card.tell(campaign, one)
            cards["suggested", one.rule.name] = card
        if list(cards) != list(self._cards):
            self._cards = cards
            self.view[:] = [card.view for card in cards.values()]
        for card in cards.values():
            card.draw()

    def _turn_down(self, key: tuple[str, str]) -> None:
        self._refused.add(key)
        self._cards = {name: card for name, card in self._cards.items() if name[0] == "on"}
        self.view[:] = [card.view for card in self._cards.values()]


def _has(campaign: Campaign, rule: VetoRule) -> bool:
    return any((rule.trait, rule.side) == (other.trait, other.side) for other in campaign.veto_rules)


class _Card:
    """Text and buttons, which only who may decide sees."""

    def __init__(self, session: Session, *buttons: Any) -> None:
        self._session = session
        self._text = Markup("dd-veto-rule", live=True, sizing_mode="stretch_width")
        self._actions = pn.Row(*buttons, margin=(6, 0, 0, 0))
        self.view = pn.Column(self._text, self._actions, sizing_mode="stretch_width", margin=(0, 0, 14, 0))

    def tell(self, campaign: Campaign, suggestion: Suggestion) -> None:
        """Show what is suggested now."""

    def draw(self) -> None:
        """Offer what this person may do."""
        self._actions.visible = self._session.may("curate")


class _RuleCard(_Card):
    def __init__(self, session: Session, rule: VetoRule) -> None:
        off = pmui.Button(
            label="Switch it off",
            size="small",
            variant="outlined",
            color="default",
            css_classes=["dd-drop-rule"],
            margin=0,
            on_click=lambda _: session.drop_rule(rule.name),
        )
        super().__init__(session, off)
        since = age(session.now - rule.time)
        self._text.show(
            f"<p><b>{e(rule.words)}</b> is flagged: rule of {e(rule.by)}, switched on {since} ago.</p>"
        )


class _SuggestionCard(_Card):
    def __init__(self, session: Session, turn_down: Any) -> None:
        self._suggestion: Suggestion | None = None
        make = pmui.Button(
            label="Make it a rule",
            size="small",
            css_classes=["dd-make-rule"],
            margin=(0, 8, 0, 0),
            on_click=lambda _: self._make(),
        )
        not_now = pmui.Button(
            label="Not now",
            size="small",
            variant="text",
            color="default",
            css_classes=["dd-no-rule"],
            margin=0,
            on_click=lambda _: turn_down(),
        )
        super().__init__(session, make, not_now)

    def tell(self, campaign: Campaign, suggestion: Suggestion) -> None:
        """Show what is suggested now."""
        self._suggestion = suggestion
        self._text.show(suggestion_html(campaign, suggestion, self._session.person.name))

    def _make(self) -> None:
        if self._suggestion is not None:
            self._session.make_rule(self._suggestion.rule, f"{_said(self._suggestion)}")


def _said(one: Suggestion) -> str:
    return f"{one.words} {one.preview}"


def suggestion_html(campaign: Campaign, one: Suggestion, me: str) -> str:
    """The sentence, what the rule would have done, and to which candidates."""
    n, words = len(one.caught) + len(one.stopped), e(one.rule.words)
    mine = all(c.decision is not None and c.decision.by == me for c in (*one.caught, *one.stopped))
    sentence = f"You vetoed {len(one.caught)} of {n} candidates with {words}." if mine else f"{e(one.words)}"
    best = campaign.best
    lists = _listed("Vetoed, and flagged by it", [_vetoed(c) for c in one.caught])
    lists += _listed("Approved, and flagged by it", [_approved(c, best) for c in one.stopped])
    lists += _listed("Waiting, and flagged by it", list(one.waiting))
    chance = f"Vetoes at random have as much in common in {one.p:.1%} of cases."
    return (
        f"<p><b>{sentence}</b> Make it a rule?</p>"
        f'<p class="fine">{e(one.preview)} A rule flags: what it flags comes behind, and people still '
        "decide.</p>"
        f"<details><summary>Tried on the past queue</summary>{lists}"
        f'<p class="fine">{chance}</p></details>'
    )


def _listed(title: str, rows: list[str]) -> str:
    more = f"<li>… {len(rows) - LISTED} more</li>" if len(rows) > LISTED else ""
    lines = "".join(f"<li>{e(row)}</li>" for row in rows[:LISTED])
    return f"<h3>{title}: {len(rows)}</h3>" + (f"<ul>{lines}{more}</ul>" if rows else "")


def _vetoed(candidate: Candidate) -> str:
    reason = candidate.decision.reason if candidate.decision else ""
    return f"{candidate.id}: {reason}, predicted {candidate.energy_eV:.3f} eV"


def _approved(candidate: Candidate, best: Candidate | None) -> str:
    if candidate.label_eV is None:
        return f"{candidate.id}: {candidate.status}, predicted {candidate.energy_eV:.3f} eV"
    if best is None or best.label_eV is None or candidate.id == best.id:
        return f"{candidate.id}: label {candidate.label_eV:.3f} eV, the best of all"
    above = signed(candidate.label_eV - best.label_eV, 3)
    return f"{candidate.id}: label {candidate.label_eV:.3f} eV, {above} eV from the best"
