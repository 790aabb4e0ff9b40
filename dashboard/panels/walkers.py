"""Walkers: what each walker of a search came to, and a viewer that follows one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from dashboard.panels.figure_panel import WIDTH, heading, show_figure, side_by_side
from dashboard.panels.markup import Markup, e
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.plots import walks
from dashboard.plots.structure_scene import scene
from dashboard.plots.walks import ALONE, Arrays, WalkFigures
from dashboard.session import Session
from dashboard.structures import structure_of
from dashboard.theme import style_figure
from engine.core import Campaign
from engine.store import SearchedSoFar, Store

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
        self._read: tuple[Any, ...] = ()
        self._pinned: str | None = None
        self._shown: tuple[str, str] | None = None
        self._panes = {
            name: pn.pane.Bokeh(style_figure(figure, dark), sizing_mode="stretch_width")
            for name, figure in self._figures.figures.items()
        }
        self.view = self._layout()

    def draw(self, snapshot: Campaign, store: Store, searched: Sequence[SearchedSoFar]) -> None:
        """Read the last steps of the chosen search, where it took one, and follow its walker."""
        last = {one.generator: store.last_walk(one.generator) for one in searched}
        chains = {_words_of(chain): chain for chain, step in last.items() if step is not None}
        self.view.visible = bool(chains)
        if not chains:
            return
        _offer(self._chain, chains)
        chain = self._chain.value
        _offer(self._walker, next(_walkers(one.state) for one in searched if one.generator == chain))
        self._walker.visible = len(self._walker.options) > 1
        read = (str(store.folder), chain, snapshot.seq, last[chain])
        if read[:2] != self._read[:2]:
            self._pinned = None
        if read != self._read:
            self._read = read
            self._columns = walks.data(store.walks(chain, walks.STEPS), snapshot)
            self._redraw()

    def _redraw(self) -> None:
        follower, snapshot = self._session.follower, self._session.snapshot
        if follower is None or snapshot is None or self._walker.value is None:
            return
        walker, columns = self._walker.value, self._columns
        self._figures.show(columns, walker, walks.thresholds(snapshot))
        mine = np.flatnonzero(columns["walker"] == walker)
        begun = bool(len(mine))
        for name, pane in self._panes.items():
            show_figure(pane, begun and bool(np.isfinite(columns[name]).any()))
        self._key.show(walks.KEY if self._panes["std"].visible else "")
        if not begun:
            self._words.show(NOT_YET)
            self._show(None, follower.store, snapshot)
            return
        here = np.flatnonzero(columns["candidate"] == self._pinned) if self._pinned else mine[-1:]
        if not len(here):  # it has left the last steps
            self._pinned, here = None, mine[-1:]
        self._newest.visible = self._pinned is not None
        candidate = str(columns["candidate"][here[0]])
        self._figures.mark(candidate)
        self._words.show(self._said(int(here[0]), snapshot))
        self._show(candidate, follower.store, snapshot)

    def _said(self, at: int, snapshot: Campaign) -> str:
        candidate, std = str(self._columns["candidate"][at]), self._columns["std"][at]
        known = snapshot.candidates.get(candidate)
        status = "not asked about" if known is None else str(known.status)
        parts = [f"<b>{e(candidate)}</b>, {e(status)}", f"step {self._columns['step'][at]}"]
        if np.isfinite(std):
            entropy = walks.entropy(std, walks.thresholds(snapshot).target)
            parts.append(f"σ {std:.3f} eV, entropy {entropy:.2f} nats".replace("-", "−"))
        parts.append(f"energy {self._columns['energy'][at]:.3f} eV".replace("-", "−"))
        hint = HINT if self._panes["std"].visible else f"{HINT} {NO_STD}"
        return f"{' · '.join(parts)}. {hint}"

    def _show(self, candidate: str | None, store: Store, snapshot: Campaign) -> None:
        shown = None if candidate is None else (candidate, snapshot.model_id)
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
        self._pinned = candidate
        if self._walker.value == walker:
            self._redraw()
        else:
            self._walker.value = walker

    def _look_at(self, candidate: str | None) -> None:
        self._pinned = candidate
        self._redraw()

    def _turned(self, event: Any) -> None:
        """Another search or walker was chosen: by hand, unless a click on one of its structures did it."""
        if event.obj is self._chain:
            self._read = ()
        elif self._pinned is not None:
            rows = self._columns["candidate"] == self._pinned
            if not (rows & (self._columns["walker"] == event.new)).any():
                self._pinned = None
        if event.obj is self._walker:
            self._redraw()

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


def _words_of(chain: str) -> str:
    return chain.removesuffix("/0").replace("-", " ").replace("/", " · chain ")


def _walkers(state: Mapping[str, Any]) -> dict[str, int]:
    """Walkers of a search by their words; one that stands for all where it has none."""
    count, kT = len(state.get("walkers", [])), state.get("kT")
    if not count:
        return {"all": ALONE}
    return {f"{k + 1} of {count}" + ("" if kT is None else f", kT {kT[k]:.3f} eV"): k for k in range(count)}
