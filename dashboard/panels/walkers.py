"""Walkers: what each walker of a search came to, and a viewer that follows one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from dashboard.panels.figure_panel import WIDTH, heading, show_figure, side_by_side
from dashboard.panels.markup import Markup, e
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.plots import walks
from dashboard.plots.structure_scene import scene
from dashboard.plots.trajectory import Arrays
from dashboard.plots.walks import ALONE, WalkFigures
from dashboard.session import Session
from dashboard.structures import structure_of
from dashboard.theme import style_figure
from dashboard.words import chain_name
from engine.core import Campaign
from engine.store import Store

NOT_YET = "This walker has come to nothing in the last steps."
NO_STD = "The uncertainty is drawn from the first fit of the Δ-model on."
HINT = "A click on a point shows its structure."


class Walkers:
    """The panel for one session; `draw` brings it up to date."""

    def __init__(self, session: Session, dark: bool) -> None:
        self._session = session
        self._figures = WalkFigures(self._pick)
        self.viewer = StructureViewer(empty="No structure yet.", color_by="uncertainty", height=330)
        self._chain = self._select("Search", "dd-chain", 190)
        self._walker = self._select("Walker", "dd-walker", 150)
        self._newest = pmui.Button(
            label="Newest",
            size="small",
            variant="outlined",
            color="default",
            visible=False,
            css_classes=["dd-newest"],
            on_click=lambda _: self._look_at(None),
            margin=(8, 8, 8, 0),
        )
        self._words = Markup("dd-hint", live=True, sizing_mode="stretch_width", margin=(6, 0, 0, 0))
        self._key = Markup("dd-key", sizing_mode="stretch_width", margin=(2, 0, 4, 0))
        self._columns: Arrays = walks.data([], Campaign())
        self._read: tuple[Any, ...] = ("", "")
        self._drawing = False
        self._pinned: str | None = None
        self._shown: tuple[str, str, str] | None = None
        self._panes = {
            name: pn.pane.Bokeh(style_figure(figure, dark), sizing_mode="stretch_width")
            for name, figure in self._figures.figures.items()
        }
        self.view = self._layout()

    def draw(self, snapshot: Campaign, store: Store) -> None:
        """Read the last steps of the chosen search, where it took one, and follow its walker."""
        steps = {chain: step for chain, step in store.chains().items() if store.last_walk(chain) is not None}
        self.view.visible = bool(steps)
        if not steps:
            return
        self._drawing = True  # what is offered changes values: all is drawn at the end
        try:
            _offer(self._chain, {chain_name(chain): chain for chain in steps})
            chain = self._chain.value
            read = (str(store.folder), chain, snapshot.seq, steps[chain])
            if read != self._read:
                self._take(snapshot, store, read)
        finally:
            self._drawing = False

    def _take(self, snapshot: Campaign, store: Store, read: tuple[str, str, int, int]) -> None:
        if read[:2] != self._read[:2]:
            self._pinned = None
        self._read, chain = read, read[1]
        last = store.last_step(chain)
        _offer(self._walker, _walkers({} if last is None else last.state))
        self._walker.visible = len(self._walker.options) > 1
        self._columns = walks.data(store.walks(chain, walks.STEPS), snapshot)
        self._redraw(snapshot, store)

    def _redraw(self, snapshot: Campaign, store: Store) -> None:
        walker, columns, limits = self._walker.value, self._columns, walks.thresholds(snapshot)
        self._figures.show(columns, walker, limits, fitted=snapshot.model is not None)
        mine = np.flatnonzero(columns["walker"] == walker)
        for name, pane in self._panes.items():
            show_figure(pane, bool(np.isfinite(columns[name][mine]).any()))
        self._key.show(walks.key(limits if self._panes["std"].visible else None) if len(mine) else "")
        here = np.flatnonzero(columns["candidate"] == self._pinned)
        if not len(here):  # none is, or it has left the last steps
            self._pinned, here = None, mine[-1:]
        self._newest.visible = self._pinned is not None
        if not len(here):
            self._words.show(NOT_YET)
            self._show(None, store, snapshot)
            return
        candidate = str(columns["candidate"][here[0]])
        self._figures.mark(candidate)
        self._words.show(self._said(int(here[0]), snapshot))
        self._show(candidate, store, snapshot)

    def _said(self, at: int, snapshot: Campaign) -> str:
        candidate, std = str(self._columns["candidate"][at]), self._columns["std"][at]
        known = snapshot.candidates.get(candidate)
        status = "not asked about" if known is None else str(known.status)
        parts = [f"<b>{e(candidate)}</b>, {e(status)}", f"step {self._columns['step'][at]}"]
        if np.isfinite(std):
            entropy = walks.entropy(std, walks.thresholds(snapshot).target)
            parts.append(f"σ {std:.3f} eV, entropy {entropy:.2f} nats".replace("-", "−"))
        if np.isfinite(energy := self._columns["energy"][at]):
            parts.append(f"energy {energy:.3f} eV".replace("-", "−"))
        hint = HINT if self._panes["std"].visible else f"{HINT} {NO_STD}"
        return f"{' · '.join(parts)}. {hint}"

    def _show(self, candidate: str | None, store: Store, snapshot: Campaign) -> None:
        shown = None if candidate is None else (str(store.folder), candidate, snapshot.model_id)
        if shown == self._shown:
            return
        self._shown = shown
        if candidate is None:
            self.viewer.show(None)
            return
        score = store.scores([candidate]).get(candidate)
        values = None if score is None else score.atom_std
        self.viewer.show(scene(structure_of(store, candidate), values=values, id=candidate))

    def _pick(self, walker: int, candidate: str) -> None:
        self._look_at(candidate)
        self._walker.value = walker

    def _look_at(self, candidate: str | None) -> None:
        self._pinned = candidate
        self._again()

    def _turned(self, event: Any) -> None:
        """Another search or walker was chosen: by hand, unless a click on one of its structures did it."""
        if self._drawing:
            return
        of_walker = self._columns["walker"] == event.new
        if event.obj is self._chain or self._pinned not in self._columns["candidate"][of_walker]:
            self._pinned = None
        self._again()

    def _again(self) -> None:
        """Draw anew what a person asks for, if the campaign is still the one that was read."""
        follower, snapshot = self._session.follower, self._session.snapshot
        if follower is None or snapshot is None or str(follower.store.folder) != self._read[0]:
            return
        if self._chain.value == self._read[1]:
            self._redraw(snapshot, follower.store)
        else:
            self.draw(snapshot, follower.store)

    def _select(self, label: str, name: str, width: int) -> Any:
        made = pmui.Select(
            label=label, options={}, size="small", width=width, margin=(8, 8, 8, 0), css_classes=[name]
        )
        made.param.watch(self._turned, "value")
        return made

    def _layout(self) -> Any:
        bar = pn.FlexBox(self._chain, self._walker, self._newest, align_items="center")
        left = pn.Column(
            self._key, *self._panes.values(), sizing_mode="stretch_width", styles={"min-width": WIDTH}
        )
        right = pn.Column(
            self.viewer, sizing_mode="stretch_width", styles={"min-width": WIDTH, "max-width": "320px"}
        )
        return pn.Column(
            heading("Walkers"),
            bar,
            side_by_side(left, right),
            self._words,
            sizing_mode="stretch_width",
            css_classes=["dd-walkers"],
            margin=(18, 0, 18, 0),
            visible=False,
        )


def _offer(select: Any, options: Mapping[str, Any]) -> None:
    """Let a person choose; what was chosen stays while it is there."""
    if dict(select.options) != options:
        value = select.value if select.value in options.values() else next(iter(options.values()))
        select.param.update(options=dict(options), value=value)


def _walkers(state: Mapping[str, Any]) -> dict[str, int]:
    """Walkers of a search by their words; one that stands for all where it has none."""
    count, kT = len(state.get("walkers", [])), state.get("kT")
    if not count:
        return {"all": ALONE}
    return {f"{k + 1} of {count}" + ("" if kT is None else f", kT {kT[k]:.3f} eV"): k for k in range(count)}
