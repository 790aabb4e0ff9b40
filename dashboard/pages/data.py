"""Data & model: the model, the properties it gives, what the data cover, and rules side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.appearance import Appearance
from dashboard.panels.blank import Blank
from dashboard.panels.hotkeys import Key
from dashboard.sections.data import DataSection
from dashboard.sections.decisions import DecisionsSection
from dashboard.sections.dynamics import DynamicsSection
from dashboard.sections.export import ExportSection
from dashboard.sections.model import ModelSection
from dashboard.sections.properties import PropertiesSection
from dashboard.sections.rules import RulesSection
from dashboard.sections.screening import ScreeningSection
from dashboard.sections.states import StatesSection
from dashboard.session import Session
from dashboard.studies import races, screenings
from engine.core import Campaign, curation

EMPTY = (
    "No label yet",
    "Predictions against labels, the calibration of σ and the labelled set appear here with the first label.",
)
SECTIONS: dict[str, tuple[str, Callable[[Session, bool], Any]]] = {
    "model": ("Model", ModelSection),
    "properties": ("Properties", PropertiesSection),
    "data": ("Data", DataSection),
    "dynamics": ("Dynamics", DynamicsSection),
    "states": ("States", StatesSection),
    "decisions": ("Decisions", DecisionsSection),
    "rules": ("Rules", RulesSection),
    "screening": ("Screening", ScreeningSection),
    "export": ("Export", ExportSection),
}
"""What stands on each tab, and how that is made."""
FIT_CSS = ":host { max-width: calc(100vw - 40px); }"
"""Style sheet of the tabs: where they have no room they scroll, not the page."""
WITHOUT_LABELS = ("dynamics", "states", "decisions", "rules", "screening")
"""Sections that may show something before the first label."""
OWN = frozenset({"dynamics", "decisions"})
"""Those of them that show something of the campaign itself."""


def offered(campaign: Campaign) -> list[str]:
    """Sections that make sense: properties of a crystal, dynamics of md, rules of a pool or of races, …."""
    said: Mapping[str, Any] = campaign.settings
    crystal = said.get("system", {}).get("crystal", {}).get("lattice", "none") != "none"
    searches = {search.get("name") for search in said.get("search", ())}
    left_out = {
        "properties": not crystal,
        "dynamics": "md" not in searches,
        "states": not said.get("watch", {}).get("frames", 0),
        "decisions": not curation(campaign).decided,
        "rules": not (("pool" in searches and campaign.labels) or races()),
        "screening": not screenings(),
    }
    there = WITHOUT_LABELS if not campaign.labels else SECTIONS
    return [name for name in there if not left_out.get(name, False)]


class Data:
    """The page for one session; `draw` brings the section on the screen up to date."""

    def __init__(self, session: Session, appearance: Appearance) -> None:
        self._session = session
        self._appearance = appearance
        self._blank = Blank(session, "data")
        self._tabs = pmui.Tabs(
            sizing_mode="stretch_width",
            margin=(0, 0, 14, 0),
            css_classes=["dd-sections"],
            stylesheets=[FIT_CSS],
        )
        self._tabs.param.watch(self._turned, "active")
        self._offered: list[str] = []
        self._campaign = self._looked_at = ""
        self._built: dict[str, Any] = {}
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)
        self._content = pn.Column(self._tabs, self._place, sizing_mode="stretch_width")
        self.view = pn.Column(
            self._blank.view, self._content, sizing_mode="stretch_width", css_classes=["dd-data"]
        )

    @property
    def components(self) -> list[Any]:
        """Components that follow the theme."""
        return [component for section in self._built.values() for component in section.components]

    def draw(self) -> None:
        """Show the session's newest snapshot."""
        session = self._session
        snapshot: Campaign | None = session.snapshot
        follower = session.follower
        names = [] if snapshot is None else offered(snapshot)
        self._content.visible = bool(names)
        own = snapshot is not None and (bool(snapshot.labels) or not OWN.isdisjoint(names))
        self._blank.draw(own, *EMPTY)
        if snapshot is None or follower is None or not names:
            return
        if session.campaign != self._campaign:
            self._campaign, self._built = session.campaign, {}
        self._looked_at = self._turn(names)
        section = self._section(self._looked_at)
        if list(self._place) != [section.view]:
            self._place[:] = [section.view]
        section.draw(snapshot, follower.store)

    def press(self, key: Key) -> None:
        """Do what a key asks for in the section on the screen."""
        section = self._built.get(self._looked_at)
        if section is not None and hasattr(section, "press"):
            section.press(key)

    def _turn(self, names: list[str]) -> str:
        """Offer the sections, and name the one that the session looks at."""
        shown = self._session.section if self._session.section in names else names[0]
        if names != self._offered:
            self._offered = names
            self._tabs[:] = [(SECTIONS[name][0], pn.Spacer(height=0, margin=0)) for name in names]
        if self._tabs.active != names.index(shown):
            self._tabs.active = names.index(shown)
        return shown

    def _section(self, name: str) -> Any:
        """A section, built when it is first opened."""
        if name not in self._built:
            section = SECTIONS[name][1](self._session, self._appearance.dark)
            for component in section.components:
                component.dark = self._appearance.dark
            self._built[name] = section
        return self._built[name]

    def _turned(self, event: Any) -> None:
        if event.new < len(self._offered):
            self._session.section = self._offered[event.new]
