"""What vetoes teach, in Review: a rule that they suggest, and a word where the next veto is likely."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import panel as pn
import panel_material_ui as pmui

from dashboard.asking import Asking
from dashboard.panels.markup import Markup, e
from dashboard.panels.rule_cards import RuleCards
from dashboard.session import Session
from engine.core import Campaign, Verdicts, verdicts
from engine.loop.vetoes import Lessons, Likely, learn
from engine.store import Store

LIKELY = 0.5  # probability of a veto above which it is said
FEWEST = 4  # vetoes before a worker is asked
NOTHING = Lessons()


class Learning:
    """What a worker learns from the decisions of a campaign; asked again where there are new ones."""

    def __init__(self, session: Session) -> None:
        self._runtime = session.runtime
        self._asking = Asking(session.runtime)
        self._folder: Path | None = None
        self._snapshot: Campaign | None = None
        self._said: Verdicts | None = None

    def look(self, campaign: Campaign, store: Store) -> Lessons:
        """What is known by now."""
        if store.folder != self._folder:
            self._folder, self._asking = store.folder, Asking(self._runtime)
        if campaign is not self._snapshot or self._said is None:
            self._snapshot, self._said = campaign, verdicts(campaign)
        said = self._said
        if len(said.vetoed) < FEWEST:
            return NOTHING
        names = tuple(tuple(c.id for c in some) for some in (said.vetoed, said.kept, said.waiting))
        rules = tuple(rule.name for rule in campaign.veto_rules)
        key = (learn.__name__, str(store.folder), names, rules)
        self._asking.look(key, learn, store.folder, said, campaign.veto_rules)
        return self._asking.value or NOTHING


class VetoLessons:
    """The panel of one session; `draw` brings it up to date.

    Parameters
    ----------
    session : whose page it is on
    sorted_anew : called once likely vetoes are to come last, or no longer
    """

    def __init__(self, session: Session, sorted_anew: Callable[[], object]) -> None:
        self._session = session
        self._learning = Learning(session)
        self._hint = Markup("dd-likely-veto", live=True, sizing_mode="stretch_width")
        self._cards = RuleCards(session)
        self._behind = pmui.Checkbox(
            label="Likely vetoes last", size="small", css_classes=["dd-likely-last"], visible=False, margin=0
        )
        self._behind.param.watch(lambda _: sorted_anew(), "value")
        self._lessons = NOTHING
        self._drawn: tuple[Campaign, Store] | None = None
        self.view = pn.Column(
            self._hint, self._behind, self._cards.view, sizing_mode="stretch_width", margin=(12, 0, 0, 0)
        )

    def draw(self, campaign: Campaign, store: Store) -> None:
        """Show what is learnt of the candidate on the screen, and what is suggested."""
        self._drawn = campaign, store
        self._lessons = self._learning.look(campaign, store)
        likely = self._lessons.likely
        self._hint.show(likely_html(likely.get(self._session.candidate or ""), self._lessons.skill))
        self._behind.visible = bool(likely)
        self._cards.draw(campaign, self._lessons.suggestions[:1], switched_on=False)
        self._sort()

    def came(self) -> bool:
        """Whether a worker knows more than is drawn."""
        return self._drawn is not None and self._learning.look(*self._drawn) is not self._lessons

    @property
    def warnings(self) -> dict[str, str]:
        """Why a veto is likely, by candidate, of those of which that is said."""
        likely = self._lessons.likely.items()
        return {name: one.words for name, one in likely if one.probability > LIKELY}

    def _sort(self) -> None:
        """Let likely vetoes come last, if that is asked for: nothing is left out."""
        behind = frozenset(self.warnings if self._behind.value and self._behind.visible else ())
        if behind != self._session.behind:  # the queue is arranged anew for another set
            self._session.behind = behind


def likely_html(likely: Likely | None, skill: str) -> str:
    """One line where a veto is likely; the figure behind it on demand."""
    if likely is None or likely.probability <= LIKELY:
        return ""
    nearest = ", ".join(likely.nearest)
    return (
        f"<p><b>Likely veto</b>: {e(likely.words)}.</p>"
        f"<details><summary>How well that is known</summary><p>{e(skill)} The nearest: {e(nearest)}.</p>"
        "</details>"
    )
