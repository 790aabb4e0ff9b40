"""Rules: selection rules side by side, from the races whose folders lie beside the campaigns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.panels.figure_panel import FigurePanel
from dashboard.panels.markup import Markup
from dashboard.plots import rule_comparison as rules
from dashboard.session import Session
from engine.campaigns import home
from engine.core import Campaign
from engine.store import Store

RESULT = "result.json"
NO_RACE = (
    "Appears with the first race: <kbd>deltadesk race PROTOCOL DIR</kbd> lets selection rules choose from "
    "one pool. Let DIR be a folder beside the campaigns, in DELTADESK_HOME."
)


def races() -> dict[str, Path]:
    """Results of races in the home, by the name of their folder."""
    return {path.parent.name: path for path in sorted(home().glob(f"*/{RESULT}"))}


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
        self._seen: dict[Path, float] = {}
        self.components: list[Any] = []
        self.view = pn.Column(self._panel.view, self._ledger, sizing_mode="stretch_width", min_width=320)

    def draw(self, snapshot: Campaign, store: Store) -> None:  # noqa: ARG002  of no one campaign
        """Read the races again if one was written since the last look."""
        seen = {path: path.stat().st_mtime for path in races().values()}
        if seen == self._seen and self._race.options:
            return
        self._seen = seen
        names = list(races())
        self._race.visible = len(names) > 1
        if names != self._race.options:
            value = self._race.value if self._race.value in names else next(iter(names), None)
            self._race.param.update(options=names, value=value)
        self._show()

    def _show(self) -> None:
        path = races().get(self._race.value or "")
        compared = None if path is None else rules.read(path)
        if compared is None:
            self._panel.show(NO_RACE, drawn=False, key="")
            self._ledger.show("")
            return
        self._curves.update(compared)
        self._panel.show(rules.words(compared), drawn=bool(compared.curves), key=rules.key(compared))
        self._ledger.show(rules.ledger_html(compared))
