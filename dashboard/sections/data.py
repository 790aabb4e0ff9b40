"""Data: how descriptors are spread, what the functions look at, and which environments the labels cover."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.asking import Asking
from dashboard.panels.figure_panel import FigurePanel, side_by_side
from dashboard.panels.markup import Markup, e
from dashboard.plots import data_coverage as coverage
from dashboard.plots import symmetry_figures as symmetry
from dashboard.plots.data_coverage import CandidateNovelty, EntropyGrowth
from dashboard.plots.descriptor_violins import DescriptorViolins, Violins
from dashboard.plots.descriptor_violins import key as violins_key
from dashboard.plots.descriptor_violins import words as violins_words
from dashboard.plots.symmetry_figures import SymmetryFunctionsOverData
from dashboard.session import Session
from engine.core import Campaign
from engine.loop.description import Description, describe
from engine.store import Store

ASKED = 60  # waiting candidates whose novelty is asked for
ALONE = "Appears with structures whose atoms see one another: a shaking changes no environment here."


class DataSection:
    """The section for one session; `draw` brings it up to date."""

    def __init__(self, session: Session, dark: bool) -> None:
        self._asking = Asking(session.runtime)
        self._campaign = session.campaign
        self._violins, self._functions = Violins(), SymmetryFunctionsOverData()
        self._growth, self._novelty = EntropyGrowth(), CandidateNovelty()
        self._compared = pmui.Select(
            label="Compared",
            options=[],
            size="small",
            width=210,
            css_classes=["dd-compared"],
            margin=(0, 0, 8, 0),
        )
        self._compared.param.watch(lambda _: self._draw_violins(), "value")
        self._state = Markup("dd-hint", live=True, sizing_mode="stretch_width", margin=(0, 0, 10, 0))
        radial, angular = symmetry.keys()
        self._panels = {
            "growth": FigurePanel("Entropy of the data", self._growth.figure, dark=dark),
            "novelty": FigurePanel(
                "What waiting candidates would add", self._novelty.figure, dark=dark, key=coverage.key()
            ),
            "radial": FigurePanel(
                "Radial functions over distances", self._functions.radial, dark=dark, key=radial
            ),
            "angular": FigurePanel(
                "Angular functions over angles", self._functions.angular, dark=dark, key=angular
            ),
            "violins": FigurePanel("Descriptors by group", self._violins.figure, self._compared, dark=dark),
        }
        views = {name: panel.view for name, panel in self._panels.items()}
        self._content = pn.Column(
            side_by_side(views["growth"], views["novelty"]),
            side_by_side(views["radial"], views["angular"]),
            side_by_side(views["violins"]),
            sizing_mode="stretch_width",
            visible=False,
        )
        self.components: list[Any] = []
        self.view = pn.Column(self._state, self._content, sizing_mode="stretch_width", min_width=320)

    def draw(self, snapshot: Campaign, store: Store) -> None:
        """Ask a worker where the snapshot has new labels or candidates, and show what came."""
        waiting = tuple(candidate.id for candidate in snapshot.waiting)[:ASKED]
        fits = tuple(model.n_train for model in snapshot.models)
        key = (describe.__name__, str(store.folder), snapshot.labels, waiting, fits)
        came = self._asking.look(
            key, describe, store.folder, dict(snapshot.settings), snapshot.labels, waiting, fits
        )
        if came and self._asking.value is not None:
            self._show(self._asking.value)
        self._say()

    def _say(self) -> None:
        found: Description | None = self._asking.value
        if self._asking.problem:
            self._state.show(e(self._asking.problem))
        elif found is None:
            self._state.show("…computing: a worker describes every atom's environment.")
        else:
            self._state.show("…computing what came since." if self._asking.computes else "")

    def _show(self, found: Description) -> None:
        self._content.visible = True
        panels = self._panels
        self._functions.update(found.geometry)
        panels["radial"].show(symmetry.words(found.geometry))
        panels["angular"].show("")
        self._show_coverage(found)
        views = list(found.views)
        if views != self._compared.options:
            value = self._compared.value if self._compared.value in views else _first(found)
            self._compared.param.update(options=views, value=value)
        self._draw_violins()

    def _show_coverage(self, found: Description) -> None:
        growth, novelty = self._panels["growth"], self._panels["novelty"]
        if found.coverage is None:
            growth.show(ALONE, drawn=False)
            novelty.show(ALONE, drawn=False)
            return
        self._growth.update(found.coverage)
        growth.show(coverage.growth_words(found.coverage))
        self._novelty.update(found.coverage)
        novelty.show(coverage.novelty_words(found.coverage), drawn=bool(found.coverage.novelty))

    def _draw_violins(self) -> None:
        found: Description | None = self._asking.value
        if found is None or self._compared.value not in found.views:
            return
        groups = found.views[self._compared.value]
        violins = DescriptorViolins(found.names, groups.features, groups.distances, found.dead)
        self._violins.update(violins)
        self._panels["violins"].show(violins_words(violins), key=violins_key(violins))


def _first(found: Description) -> str:
    """The first comparison that is one: of several groups."""
    several = (name for name, groups in found.views.items() if len(groups.features) > 1)
    return next(several, next(iter(found.views)))
