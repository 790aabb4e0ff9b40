"""Landscape: everything that was found, as a map, as energies and as a list of minima; one selection."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param

from dashboard.panels.blank import Blank
from dashboard.panels.data_table import DataTable
from dashboard.panels.figure_panel import show_figure
from dashboard.panels.hotkeys import Key
from dashboard.panels.look import Look
from dashboard.panels.map_choice import MapChoice
from dashboard.panels.markup import Markup, e
from dashboard.panels.pinned import Pinned
from dashboard.plots import landscape as plots
from dashboard.plots.atlas import Atlas, atlas_of
from dashboard.plots.coloring import CHOICES, coloring, key_html
from dashboard.plots.disconnectivity import DisconnectivityTree, words
from dashboard.session import Session
from dashboard.theme import NARROW_CSS, STACK_CSS, style_figure
from dashboard.words import signed
from engine.core import BARE_MODEL, Campaign
from engine.math import SAME_DISTANCE, SAME_ENERGY, lowest
from engine.store import Barrier

LISTED = 100  # minima in the list
RULE = (
    f"Two proposals are one minimum if their uMLIP energies differ by less than {1000 * SAME_ENERGY:.0f} "
    f"meV and their descriptors by less than {100 * SAME_DISTANCE:.1f} % of their length."
)
EMPTY = (
    "No structure was found yet",
    "A map of all structures, their energies and the list of distinct minima appear here with the first step "
    "of the search.",
)


class Landscape:
    """The page for one session; `draw` brings it up to date, `press` takes a key."""

    def __init__(self, session: Session, dark: bool) -> None:
        self._session = session
        self._plots = plots.Landscape(self._picked, self._moved)
        self._tree = DisconnectivityTree(self._picked)
        for figure in (*self._plots.figures.values(), self._tree.figure):
            style_figure(figure, dark)
        self._tree_pane = pn.pane.Bokeh(self._tree.figure, sizing_mode="stretch_width")
        self._tree_words = Markup("dd-hint", sizing_mode="stretch_width", margin=(0, 0, 8, 0))
        self._look = Look(session, height=300)
        self._pinned = Pinned(session)
        self._blank = Blank(session, "landscape")
        self._count = Markup("dd-hint", live=False, align="center", margin=(0, 0, 0, 12))
        self._key = Markup("dd-key", sizing_mode="stretch_width", margin=(2, 0, 0, 0))
        self._correction_words = Markup("dd-hint", sizing_mode="stretch_width", margin=(0, 0, 0, 8))
        self._minima = DataTable(columns=_heads(), label="Distinct minima", height=250)
        self._minima.param.watch(self._chosen, "selected")
        self._rule = Markup("dd-hint", sizing_mode="stretch_width", margin=(4, 0, 14, 0))
        self._rule.show(e(RULE))
        self._color = pmui.Select(
            options=list(CHOICES),
            value="state",
            label="Colour",
            size="small",
            width=150,
            margin=(0, 12, 0, 0),
            css_classes=["dd-color"],
        )
        self._follow = pmui.Switch(
            value=True, label="Follow", align="center", margin=(0, 8, 0, 0), css_classes=["dd-follow"]
        )
        self._refit = pmui.Button(
            label="Refit axes",
            variant="outlined",
            size="small",
            align="center",
            css_classes=["dd-refit"],
            on_click=lambda _: self._fit_axes(),
        )
        self._past = pmui.Button(
            label="As known at …",
            variant="outlined",
            size="small",
            align="center",
            margin=(0, 0, 0, 8),
            css_classes=["dd-as-known"],
            on_click=lambda _: session.look_back_from_now(),
        )
        self._map = MapChoice(session, self.draw)
        self._color.param.watch(lambda _: self._colour(), "value")
        self._follow.param.watch(self._followed, "value")
        self._drawn: tuple[Atlas, int, int] | None = None
        self._content, self.view = self._layout()

    @property
    def components(self) -> list[Any]:
        """Components that follow the theme."""
        return [self._minima, self._pinned.tray, self._look.viewer]

    def draw(self) -> None:
        """Read a piece of what was found since the last look, and show it."""
        session = self._session
        snapshot: Campaign | None = session.snapshot
        follower = session.follower
        atlas = self._atlas
        if atlas is not None and snapshot is not None and follower is not None:
            atlas.read(follower.store, snapshot)
        found = atlas is not None and len(atlas) > 0
        self._content.visible = found
        self._past.visible = session.playback is None
        self._blank.draw(found, *EMPTY)
        if atlas is None or snapshot is None or follower is None or not found:
            return
        if session.candidate is None:
            session.candidate = _best(atlas)
        row = atlas.row(session.candidate)
        found_so_far = follower.store.count_proposals()
        places = self._map.draw(atlas, follower.store, found_so_far)
        self._plots.update(atlas, row, follow=self._follow.value, places=places)
        self._plots.focus(atlas, row)
        self._draw_tree(snapshot, atlas, row)
        if self._drawn != (atlas, atlas.epoch, atlas.version):  # another one at each step back in time
            self._drawn = (atlas, atlas.epoch, atlas.version)
            self._colour()
            self._list(atlas)
            self._count.show(_count(atlas, self._plots.drawn, found_so_far))
            self._correction_words.show(_correction_words(snapshot, atlas))
        self._minima.selected = self._minimum_of(atlas, row)
        self._pinned.draw(atlas, follower.store)
        self._look.draw()

    def rest(self) -> None:
        """Hold less while another page is looked at."""
        self._drawn = None
        self._plots.forget()

    def press(self, key: Key) -> None:
        """Do what a key asks for on this page."""
        ids = [row["id"] for row in self._minima.rows]
        match key.key:
            case "j" | "k" | "ArrowDown" | "ArrowUp" if ids:
                step = 1 if key.key in ("j", "ArrowDown") else -1
                at = ids.index(self._minima.selected) + step if self._minima.selected in ids else 0
                self._session.candidate = ids[max(0, min(len(ids) - 1, at))]
            case "m":
                self._pinned.toggle()
            case "r":
                self._look.viewer.reset_camera()
            case "f":
                self._follow.value = not self._follow.value

    @property
    def _atlas(self) -> Atlas | None:
        follower = self._session.follower
        return None if follower is None else atlas_of(follower.store)

    def _draw_tree(self, snapshot: Campaign, atlas: Atlas, row: int | None) -> None:
        """Draw what joins the minima, or say what will."""
        follower = self._session.follower
        barriers = () if follower is None else follower.store.barriers()
        drawn = self._tree.update(atlas, barriers)
        self._tree.focus(row)
        show_figure(self._tree_pane, drawn)
        self._tree_words.show(
            words(self._tree.tree) if drawn and self._tree.tree else _no_tree(snapshot, barriers)
        )

    def _list(self, atlas: Atlas) -> None:
        minima, total = lowest(atlas.columns["energy"], atlas.columns["basin"], LISTED)
        best = atlas.columns["energy"][minima[0].index]
        rows = [_minimum_row(atlas, m.index, m.visits, best, rank) for rank, m in enumerate(minima, start=1)]
        with param.parameterized.batch_call_watchers(self._minima):
            self._minima.rows = rows
            self._minima.total = total

    def _minimum_of(self, atlas: Atlas, row: int | None) -> str | None:
        """The listed minimum that the candidate of this row belongs to."""
        if row is None:
            return None
        basin = atlas.columns["basin"]
        for listed in self._minima.rows:
            other = atlas.row(listed["id"])
            if other is not None and basin[other] == basin[row]:
                return str(listed["id"])
        return None

    def _colour(self) -> None:
        atlas = self._atlas
        if atlas is not None:
            colors = coloring(CHOICES[self._color.value], atlas)
            self._plots.color(colors, atlas.searches)
            self._tree.color(colors)
            self._key.show(key_html(colors))

    def _fit_axes(self) -> None:
        follower = self._session.follower
        if self._atlas is not None and follower is not None:
            self._map.refit(self._atlas, follower.store)
            self.draw()

    def _picked(self, row: int) -> None:
        if self._atlas is not None:
            self._session.candidate = self._atlas.candidate[row]

    def _moved(self) -> None:
        self._follow.value = False

    def _followed(self, event: Any) -> None:
        if event.new:
            self._plots.fit()

    def _chosen(self, event: Any) -> None:
        atlas = self._atlas
        if (
            event.new
            and atlas is not None
            and event.new != self._minimum_of(atlas, atlas.row(self._session.candidate))
        ):
            self._session.candidate = event.new

    def _layout(self) -> tuple[Any, Any]:
        figures = self._plots.figures
        bar = pn.FlexBox(
            self._map.select,
            self._color,
            self._follow,
            self._refit,
            self._past,
            self._count,
            align_items="center",
            margin=(6, 0, 4, 0),
        )
        correction = pn.Column(
            pn.pane.Bokeh(figures["correction"], sizing_mode="stretch_width"),
            self._correction_words,
            sizing_mode="stretch_width",
            min_width=280,
        )
        found = pn.pane.Bokeh(figures["found"], sizing_mode="stretch_width", min_width=280)
        tree = Markup("dd-words", margin=(8, 0, 0, 0))
        tree.show("<h2>Disconnectivity tree</h2>")
        left = pn.Column(
            bar,
            self._key,
            pn.pane.Bokeh(figures["map"], sizing_mode="stretch_width"),
            self._map.words,
            tree,
            self._tree_words,
            self._tree_pane,
            pn.Row(found, correction, sizing_mode="stretch_width", stylesheets=[NARROW_CSS]),
            sizing_mode="stretch_width",
            min_width=320,
        )
        minima = Markup("dd-words")
        minima.show("<h2>Distinct minima</h2>")
        right = pn.Column(minima, self._minima, self._rule, self._pinned.view, self._look.view, width=420)
        content = pn.Row(
            left,
            right,
            sizing_mode="stretch_width",
            stylesheets=[NARROW_CSS, STACK_CSS],
            styles={"gap": "24px"},
        )
        view = pn.Column(self._blank.view, content, sizing_mode="stretch_width", css_classes=["dd-landscape"])
        return content, view


def _best(atlas: Atlas) -> str:
    return atlas.candidate[int(np.argmin(atlas.columns["energy"]))]


def _heads() -> list[dict[str, Any]]:
    return [
        {"label": "#", "title": "rank by energy"},
        {"label": "candidate", "words": True, "title": "the lowest proposal in this minimum"},
        {"label": "ΔE (eV)", "title": "best known energy above the lowest"},
        {"label": "σ (eV)", "title": "of the newest Δ-model"},
        {"label": "found", "title": "how many proposals ended here"},
        {
            "label": "from",
            "words": True,
            "title": "label, Δ-model, or uMLIP shifted by a constant",
        },
    ]


def _minimum_row(atlas: Atlas, index: int, visits: int, best: float, rank: int) -> dict[str, Any]:
    c = atlas.columns
    above, std = float(c["energy"][index] - best), float(c["std"][index])
    if np.isfinite(c["label"][index]):
        source = "label"
    else:
        source = "Δ-model" if np.isfinite(c["score"][index]) else "uMLIP"
    sigma = f"{std:.2f}" if np.isfinite(std) else "–"
    candidate = atlas.candidate[index]
    return {
        "id": candidate,
        "cells": [str(rank), candidate, signed(above, 3), sigma, str(visits), source],
        "sort": [rank, candidate, above, std if np.isfinite(std) else None, visits, source],
    }


def _count(atlas: Atlas, drawn: int, total: int) -> str:
    fitted = atlas.projection.n_fitted if atlas.projection else 0
    laid = "" if atlas.layout is None else f", neighbours laid out from {len(atlas.layout.rows):,}"
    some = f" ({plots.SMALL:,} in the lower plots)" if drawn > plots.SMALL else ""
    reading = f", {total - len(atlas):,} still to be read" if total > len(atlas) else ""
    of = f"<b>{drawn:,}</b> drawn of <b>{total:,}</b> structures"
    return f"{of}{some}{reading} · axes fitted to {fitted:,}{laid}"


def _no_tree(campaign: Campaign, barriers: tuple[Barrier, ...]) -> str:
    """What will appear in place of the tree, and when; HTML."""
    asked: Any = campaign.settings.get("landscape", {})
    if not asked.get("barriers"):
        return (
            "A tree of the minima and the barriers between them appears in campaigns that look for them: "
            "<code>[landscape] barriers = true</code> in campaign.toml, for clusters and surfaces."
        )
    if campaign.model_id == BARE_MODEL:
        return (
            "A tree of the minima and the barriers between them grows here after the first fit, one barrier "
            "after the other, each by a band of surrogate images in a worker."
        )
    if barriers and barriers[-1].trouble:
        return f"No barrier is known yet. The last one was not found: {e(barriers[-1].trouble)}"
    return "The first barrier is being looked for: the tree appears with it."


def _correction_words(campaign: Campaign, atlas: Atlas) -> str:
    if campaign.labels or np.isfinite(atlas.columns["score"]).any():
        return "Dashed: the uMLIP shifted by a constant. What lies off it is what the Δ-model has learnt."
    missing = campaign.rules.cold_start if campaign.rules else 0
    return (
        f"Points appear here with the first label. Approve {missing} candidates on the page Review for the "
        "first fit."
    )
