"""Screening: a potential against a reference on many materials, from the folders beside the campaigns."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard import studies
from dashboard.panels.figure_panel import FigurePanel, side_by_side
from dashboard.panels.markup import Markup
from dashboard.plots import screening as plots
from dashboard.plots.screening import ErrorHistogram
from dashboard.session import Session
from engine.core import Campaign
from engine.store import Store

NO_SCREENING = (
    "Appears with the first screening: <kbd>deltadesk screen PROTOCOL DIR</kbd> holds a potential against a "
    "reference. Let DIR be a folder beside the campaigns, in DELTADESK_HOME."
)
TITLES = {"energy": "Energy errors", "forces": "Force errors"}


class ScreeningSection:
    """The section for one session; `draw` brings it up to date."""

    def __init__(self, session: Session, dark: bool) -> None:  # noqa: ARG002  as the other sections
        self._histograms = {kind: ErrorHistogram(kind) for kind in plots.ERRORS}
        self._screening = pmui.Select(
            label="Screening",
            options=[],
            size="small",
            width=210,
            css_classes=["dd-screening"],
            margin=(0, 0, 8, 0),
        )
        self._screening.param.watch(lambda _: self._show(), "value")
        self._panels = {
            kind: FigurePanel(title, self._histograms[kind].figure, dark=dark)
            for kind, title in TITLES.items()
        }
        self._words = Markup("dd-hint", sizing_mode="stretch_width", margin=(0, 0, 10, 0))
        self._suspicious = Markup("dd-rules", sizing_mode="stretch_width")
        self._seen: dict[str, Hashable] | None = None
        self.components: list[Any] = []
        self.view = pn.Column(
            self._screening,
            self._words,
            side_by_side(*(panel.view for panel in self._panels.values())),
            self._suspicious,
            sizing_mode="stretch_width",
            min_width=320,
        )

    def draw(self, snapshot: Campaign, store: Store) -> None:  # noqa: ARG002  of no one campaign
        """Read the screenings again if one went on since the last look."""
        found = studies.screenings()
        seen = {name: studies.standing(folder, plots.MATERIALS) for name, folder in found.items()}
        if seen == self._seen:
            return
        self._seen = seen
        names = list(found)
        self._screening.visible = len(names) > 1
        if names != self._screening.options:
            value = self._screening.value if self._screening.value in names else next(iter(names), None)
            self._screening.param.update(options=names, value=value)
        self._show()

    def _show(self) -> None:
        folder = studies.screenings().get(self._screening.value or "")
        found = None if folder is None else plots.screening(folder)
        drawn = found is not None and found.ended
        for kind, panel in self._panels.items():
            if found is not None:
                self._histograms[kind].update(found)
            panel.view.visible = drawn and found is not None and kind in found.histograms
        self._words.show(NO_SCREENING if found is None else plots.words(found))
        self._suspicious.show(plots.suspicious_html(found) if found is not None else "")
