"""Rules: selection rules side by side, from the races whose folders lie beside the campaigns."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard import studies
from dashboard.panels.figure_panel import FigurePanel, heading, side_by_side
from dashboard.panels.markup import Markup, e
from dashboard.plots import followed_properties as properties
from dashboard.plots import race_progress
from dashboard.plots import rule_comparison as rules
from dashboard.plots.band_curves import BandCurves
from dashboard.plots.followed_properties import ENTROPY, Followed
from dashboard.plots.rule_comparison import RuleComparison
from dashboard.plots.trajectory import ON_TARGET
from dashboard.sections.measured import spelt
from dashboard.session import Session
from engine.core import Campaign
from engine.store import Store

NO_RACE = (
    "Appears with the first race: <kbd>deltadesk race PROTOCOL DIR</kbd> lets selection rules choose from "
    "one pool. Let DIR be a folder beside the campaigns, in DELTADESK_HOME."
)
FOLLOWED = (
    "Entropy of what is held out (dotted: on target), and errors of the committee's mean against the "
    "reference's own values: median over repetitions, with the 10 to 90 % band. What each race decides after "
    "the last label, by the 95 % interval of the mean difference from the baseline, stands below each."
)


class RulesSection:
    """The section for one session; `draw` brings it up to date."""

    def __init__(self, session: Session, dark: bool) -> None:  # noqa: ARG002  as the other sections
        self._curves = rules.RuleCurves()
        self._race = pmui.Select(
            label="Race", options=[], size="small", width=210, css_classes=["dd-race"], margin=(0, 0, 8, 0)
        )
        self._race.param.watch(lambda _: self._show(), "value")
        self._panel = FigurePanel("Rules on one pool", self._curves.figure, self._race, dark=dark)
        self._ledger = Markup("dd-rules", sizing_mode="stretch_width")
        self._followed = FollowedPanels(dark)
        self._seen: dict[str, Hashable] | None = None
        self.components: list[Any] = []
        self.view = pn.Column(
            self._panel.view, self._ledger, self._followed.view, sizing_mode="stretch_width", min_width=320
        )

    def draw(self, snapshot: Campaign, store: Store) -> None:  # noqa: ARG002  of no one campaign
        """Read the races again if one went on since the last look."""
        found = studies.races()
        seen = {name: studies.standing(folder, race_progress.RUNS) for name, folder in found.items()}
        if seen == self._seen:
            return
        self._seen = seen
        names = list(found)
        self._race.visible = len(names) > 1
        if names != self._race.options:
            value = self._race.value if self._race.value in names else next(iter(names), None)
            self._race.param.update(options=names, value=value)
        self._show()

    def _show(self) -> None:
        folder = studies.races().get(self._race.value or "")
        if folder is None:
            self._draw(None, NO_RACE)
            self._followed.draw((), None)
            return
        compared = rules.read(folder / studies.RESULT)
        self._followed.draw(properties.followed(folder / studies.RESULT), compared)
        going_on = race_progress.progress(folder) if compared is None or not compared.curves else None
        if going_on is not None:
            self._draw(going_on.so_far, race_progress.words(going_on))
        else:
            self._draw(compared, NO_RACE if compared is None else rules.words(compared))

    def _draw(self, compared: RuleComparison | None, words: str) -> None:
        if compared is None:
            self._panel.show(words, drawn=False, key="")
            self._ledger.show("")
            return
        self._curves.update(compared)
        self._panel.show(words, drawn=bool(compared.curves), key=rules.key(compared))
        self._ledger.show(rules.ledger_html(compared))


class FollowedPanels:
    """A figure for each quantity that a race followed; they come with the first race that has them."""

    def __init__(self, dark: bool) -> None:
        self._dark = dark
        self._panels: dict[str, tuple[BandCurves, FigurePanel]] = {}
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)
        self._words = Markup("dd-hint", sizing_mode="stretch_width", margin=(0, 0, 12, 0))
        self._words.show(FOLLOWED)
        self.view = pn.Column(
            heading("Entropy and properties"),
            self._words,
            self._place,
            sizing_mode="stretch_width",
            margin=(22, 0, 0, 0),
            visible=False,
        )

    def draw(self, found: tuple[Followed, ...], compared: RuleComparison | None) -> None:
        """Show what a race followed, in the colours of its rules."""
        shown = {one.name: one for one in found} if compared is not None else {}
        self.view.visible = bool(shown)
        if compared is None or not shown:
            return
        for one in shown.values():
            if one.name not in self._panels:
                self._panels[one.name] = self._panel(one)
            curves, panel = self._panels[one.name]
            target = ON_TARGET if one.name == ENTROPY else None
            curves.draw(one.labels, one.curves, rules.looks(compared), target)
            panel.show(properties.words(one), key=rules.key(compared, target is not None))
        views = [self._panels[name][1].view for name in shown]
        pairs = [views[k : k + 2] for k in range(0, len(views), 2)]
        self._place[:] = [side_by_side(*pair) for pair in pairs]

    def _panel(self, one: Followed) -> tuple[BandCurves, FigurePanel]:
        if one.name == ENTROPY:
            curves, title = BandCurves("entropy (nats)", 250, "linear"), "Entropy of what is held out"
        else:
            title = f'<span class="sign">{e(spelt(one.name))}</span>'
            curves = BandCurves(f"|{spelt(one.name)} − reference| ({one.unit})", 250)
        return curves, FigurePanel(title, curves.figure, dark=self._dark)
