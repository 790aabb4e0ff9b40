"""Which map the landscape draws: the principal plane, or neighbours, which a worker lays out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import panel_material_ui as pmui

from dashboard.panels.markup import Markup, e
from dashboard.plots.atlas import Atlas
from dashboard.plots.axes import Axes, fit_axes
from dashboard.plots.landscape import MAPS
from dashboard.plots.neighbours import FEWEST, Layout, lay_out
from dashboard.session import Session
from engine.store import Store

_PLANE = next(iter(MAPS))
MEANING = (
    "What lies together is alike; how far groups are apart says nothing. A new structure is placed among the "
    "most alike, and nothing else moves until <b>Refit axes</b>."
)


class MapChoice:
    """A select, and words under the map.

    Parameters
    ----------
    session : of the page
    changed : called when another map was chosen
    """

    def __init__(self, session: Session, changed: Callable[[], object]) -> None:
        self._session = session
        self._asked: tuple[Any, Future[Layout]] | None = None
        self._axes: Future[Axes] | None = None
        self.select = pmui.Select(
            options=list(MAPS),
            value=_PLANE,
            label="Map",
            size="small",
            width=180,
            margin=(0, 12, 0, 0),
            css_classes=["dd-map"],
        )
        self.words = Markup("dd-hint", sizing_mode="stretch_width", margin=(2, 0, 0, 0))
        self.select.param.watch(lambda _: changed(), "value")

    def draw(self, atlas: Atlas, store: Store, found: int) -> tuple[str, str]:
        """Columns of the map to draw: of the plane, as long as the other is not there.

        Parameters
        ----------
        atlas : of the campaign; it takes the layout once there is one
        store : of the campaign
        found : structures of the campaign; a layout waits until all are read
        """
        trouble = None
        if self.select.value == _PLANE:
            trouble = self._take_axes(atlas, store)
        elif atlas.owes_layout and max(FEWEST, found) <= len(atlas):
            trouble = self._lay_out(atlas, store)
        self.words.show(self._said(atlas, trouble))
        return MAPS[_PLANE if atlas.layout is None else self.select.value]

    def refit(self, atlas: Atlas, store: Store) -> None:
        """Have a worker fit the map that is shown to all structures known now."""
        if self.select.value == _PLANE:
            key = (fit_axes.__name__, str(store.folder), len(atlas), atlas.epoch)
            self._axes = self._session.runtime.ask(key, fit_axes, store.folder, atlas.places)
        else:
            self._asked = None  # what failed is tried again
            atlas.lay_out_anew()

    def _take_axes(self, atlas: Atlas, store: Store) -> BaseException | None:
        """Take the axes that a worker has fitted; what went wrong."""
        if self._axes is None or not self._axes.done():
            return None
        if (trouble := self._axes.exception()) is None:
            atlas.take(self._axes.result(), store)
            self._axes = None
        return trouble

    def _lay_out(self, atlas: Atlas, store: Store) -> BaseException | None:
        """Ask for the layout that is owed, and take the answer; what went wrong."""
        if self._asked is None or self._asked[0] != atlas.layouts:
            answer = self._session.runtime.ask(atlas.layouts, lay_out, *atlas.to_lay_out(store))
            self._asked = (atlas.layouts, answer)
        _, answer = self._asked
        if answer.done():
            if (trouble := answer.exception()) is not None:
                return trouble
            atlas.lay(answer.result())
        return None

    def _said(self, atlas: Atlas, trouble: BaseException | None) -> str:
        """What the map says and does not say, or why it is not there; HTML."""
        if self.select.value == _PLANE:
            if trouble is not None:
                return f"No axes could be fitted: {e(str(trouble))}. These are the last ones."
            return "A worker fits the axes to all structures." if self._axes is not None else ""
        shown = "the principal plane" if atlas.layout is None else "the last layout"
        if trouble is not None:
            return f"Neighbours could not be laid out: {e(str(trouble))}. This is {shown}."
        if len(atlas) < FEWEST:
            return f"A map of neighbours takes {FEWEST} structures: until then this is {shown}."
        if atlas.owes_layout:
            return f"{len(atlas):,} structures are being laid out in a worker. Until then this is {shown}."
        return MEANING
