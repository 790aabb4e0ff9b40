"""The minima that a person pinned on the page Landscape, for as long as the tab is open."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.panels.markup import Markup
from dashboard.panels.tray import Tray
from dashboard.plots.atlas import Atlas
from dashboard.session import Session
from dashboard.structures import picture_of
from dashboard.words import signed
from engine.store import Store

EMPTY = "Choose a point, a leaf or a row and press Pin (M): its picture stays here to be compared."


class Pinned:
    """The tray of one session, a list for each campaign; `draw` brings it up to date."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._names: dict[str, list[str]] = {}
        self.tray = Tray(self._remove, empty=EMPTY)
        self.tray.param.watch(self._chosen, "selected")
        self._button = pmui.Button(
            label="Pin",
            variant="outlined",
            size="small",
            align="center",
            css_classes=["dd-pin"],
            on_click=lambda _: self.toggle(),
        )
        title = Markup("dd-words", align="center", sizing_mode="stretch_width")
        title.show("<h2>Tray</h2>")
        self.view = pn.Column(
            pn.Row(title, self._button, sizing_mode="stretch_width"),
            self.tray,
            sizing_mode="stretch_width",
            margin=(0, 0, 14, 0),
        )

    def toggle(self) -> None:
        """Pin the session's candidate, or take it out."""
        candidate, names = self._session.candidate, self._here
        if candidate is None:
            return
        if candidate in names:
            names.remove(candidate)
        else:
            names.append(candidate)
        self._session.param.trigger("candidate")

    def draw(self, atlas: Atlas, store: Store) -> None:
        """Show what is pinned and known at this time, the lowest first."""
        energy, candidate = atlas.columns["energy"], self._session.candidate
        known = [row for name in self._here if (row := atlas.row(name)) is not None]
        rows = sorted(known, key=lambda row: float(energy[row]))
        lowest = float(energy.min()) if len(atlas) else 0.0
        self.tray.show([_item(atlas.candidate[row], float(energy[row]) - lowest, store) for row in rows])
        self.tray.selected = candidate
        self._button.label = "Unpin" if candidate in self._here else "Pin"

    @property
    def _here(self) -> list[str]:
        return self._names.setdefault(self._session.campaign, [])

    def _remove(self, candidate: str) -> None:
        if candidate in self._here:
            self._here.remove(candidate)
            self._session.param.trigger("candidate")

    def _chosen(self, event: Any) -> None:
        if event.new and event.new != self._session.candidate:
            self._session.candidate = event.new


def _item(candidate: str, above: float, store: Store) -> dict[str, str]:
    return {"id": candidate, "facts": f"{signed(above, 3)} eV", "picture": picture_of(store, candidate)}
