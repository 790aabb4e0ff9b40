"""Properties: energy against volume, and what the model gives for a crystal beside the reference itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import panel as pn

from dashboard.asking import Asking
from dashboard.panels.figure_panel import FigurePanel, heading, side_by_side
from dashboard.panels.markup import Markup, e
from dashboard.plots import energy_volume, property_convergence, property_entropy
from dashboard.plots.energy_volume import EnergyVolumeCurve
from dashboard.plots.property_convergence import PropertyCurve
from dashboard.plots.property_entropy import PropertyEntropies
from dashboard.sections.measured import entropies, followed
from dashboard.session import Session
from engine.core import Campaign
from engine.loop.volumes import Volumes, volumes
from engine.store import Measured, Store

NOTHING = "Appears after the first fit, once a worker has measured every member."
NOT_ASKED = (
    "Appears with measure = true under [properties] in campaign.toml: after each fit, every member of the "
    "committee is asked for the crystal's properties."
)


class PropertiesSection:
    """The section for one session; `draw` brings it up to date."""

    def __init__(self, session: Session, dark: bool) -> None:
        self._dark = dark
        self._asking = Asking(session.runtime)
        self._curve, self._entropies = EnergyVolumeCurve(), PropertyEntropies()
        self._panels = {
            "volume": FigurePanel(
                "Energy against volume", self._curve.figure, dark=dark, key=energy_volume.key()
            ),
            "entropy": FigurePanel("Entropy of the properties", self._entropies.figure, dark=dark),
        }
        self._state = Markup("dd-hint", live=True, sizing_mode="stretch_width", margin=(0, 0, 10, 0))
        self._words = Markup("dd-hint", sizing_mode="stretch_width", margin=(0, 0, 10, 0))
        self._properties: dict[str, tuple[PropertyCurve, FigurePanel]] = {}
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)
        self._drawn: tuple[Any, ...] | None = None
        self.components: list[Any] = []
        self.view = pn.Column(
            self._state,
            side_by_side(self._panels["volume"].view, self._panels["entropy"].view),
            heading("Convergence"),
            self._words,
            self._place,
            sizing_mode="stretch_width",
            min_width=320,
        )

    def draw(self, snapshot: Campaign, store: Store) -> None:
        """Ask a worker for the equations of state, and show what was measured."""
        measured = store.measured()
        key = (volumes.__name__, str(store.folder), snapshot.labels, tuple(m.model_id for m in measured))
        if self._asking.look(key, volumes, store.folder, snapshot.labels):
            self._show_volumes()
        if self._asking.problem:
            self._state.show(e(self._asking.problem))
        else:
            self._state.show("…computing" if self._asking.value is None else "")
        if self._drawn != key:
            self._drawn = key
            self._show_measured(snapshot, measured)

    def _show_volumes(self) -> None:
        known: Volumes | None = self._asking.value
        if known is None:
            return
        self._curve.update(known)
        drawn = bool(len(known.volume)) or known.reference is not None or known.members is not None
        self._panels["volume"].show(energy_volume.words(known), drawn=drawn)

    def _show_measured(self, campaign: Campaign, measured: tuple[Measured, ...]) -> None:
        trouble = next((found.trouble for found in reversed(measured) if found.trouble), "")
        found = followed(campaign, measured)
        self._words.show(e(trouble or ("" if found else _what_will_appear(campaign))))
        new = [one for one in found if one.name not in self._properties]
        for one in new:
            curve = PropertyCurve(one.name, one.unit)
            panel = FigurePanel(
                f'<span class="sign">{e(one.name)}</span>',
                curve.figure,
                dark=self._dark,
                key=property_convergence.key(),
            )
            self._properties[one.name] = (curve, panel)
        if new:
            views = [panel.view for _, panel in self._properties.values()]
            pairs = [views[k : k + 2] for k in range(0, len(views), 2)]
            self._place[:] = [side_by_side(*pair) for pair in pairs]
        for one in found:
            curve, panel = self._properties[one.name]
            curve.update(one)
            panel.show(property_convergence.words(one), drawn=bool(np.isfinite(one.value).any()))
        together = entropies(campaign, measured)
        self._entropies.update(together)
        self._panels["entropy"].show(
            property_entropy.words(together),
            drawn=bool(together.entropy),
            key=property_entropy.key(together) if together.entropy else "",
        )


def _what_will_appear(campaign: Campaign) -> str:
    said: Mapping[str, Any] = campaign.settings
    return NOTHING if said.get("properties", {}).get("measure") else NOT_ASKED
