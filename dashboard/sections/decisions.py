"""Decisions: what curation changed and cost, and the rules that vetoes taught or suggest."""

from __future__ import annotations

from typing import Any

import panel as pn

from dashboard.asking import Asking
from dashboard.panels.curation import curation_html
from dashboard.panels.figure_panel import heading
from dashboard.panels.markup import Markup, e
from dashboard.panels.regret import regret_html, words
from dashboard.panels.rule_cards import RuleCards
from dashboard.panels.veto_lessons import Learning
from dashboard.session import Session
from engine.core import Campaign, Regret, curation
from engine.loop.regrets import regrets
from engine.store import Store

NO_RULE = (
    "Nothing simple is known that vetoed candidates have in common and approved ones have not. It is looked "
    "for from four vetoes on, and suggested here and in Review."
)


class DecisionsSection:
    """The section for one session; `draw` brings it up to date."""

    def __init__(self, session: Session, dark: bool) -> None:  # noqa: ARG002  as the other sections
        self._asking, self._learning = Asking(session.runtime), Learning(session)
        self._cards = RuleCards(session)
        self._curation = Markup("dd-ledger", sizing_mode="stretch_width", max_width=640)
        self._words = Markup("dd-hint", live=True, sizing_mode="stretch_width", margin=(0, 0, 8, 0))
        self._regret = Markup("dd-rules dd-regret", sizing_mode="stretch_width", margin=(0, 0, 18, 0))
        self._rules = Markup("dd-hint", sizing_mode="stretch_width", margin=(0, 0, 8, 0))
        self._drawn: Campaign | None = None
        self.components: list[Any] = []
        self.view = pn.Column(
            self._curation,
            heading("What decisions cost or saved, as known today"),
            self._words,
            self._regret,
            heading("Rules that vetoes taught"),
            self._rules,
            self._cards.view,
            sizing_mode="stretch_width",
            min_width=320,
        )

    def draw(self, snapshot: Campaign, store: Store) -> None:
        """Ask a worker where there are new decisions, labels or models, and show what came."""
        if snapshot is not self._drawn:
            self._drawn = snapshot
            self._curation.show(curation_html(snapshot, store.compositions))
        decided = curation(snapshot).decided
        state = (decided, len(snapshot.labels), len(snapshot.candidates), snapshot.model_id)
        key = (regrets.__name__, str(store.folder), *state)
        self._asking.look(key, regrets, store.folder, snapshot.seq)
        found: Regret | None = self._asking.value
        if found is not None:
            self._words.show(e(self._asking.problem or words(found.total)))
            self._regret.show(regret_html(found))
        else:
            self._words.show(
                e(self._asking.problem) or "…computing: the present model looks at each of them."
            )
        lessons = self._learning.look(snapshot, store)
        self._cards.draw(snapshot, lessons.suggestions, switched_on=True)
        quiet = not (snapshot.veto_rules or lessons.suggestions)
        self._rules.show(" ".join(e(part) for part in (NO_RULE * quiet, lessons.skill) if part))
