"""All proposals of a campaign as arrays that grow: read in pieces, shared by every tab of the server."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dashboard.plots.axes import Axes
from dashboard.plots.neighbours import Layout, among, landmarks
from dashboard.plots.projection import FloatArray, Projection
from engine.core import BARE_MODEL, Campaign, Status
from engine.math import Basins, best_energy
from engine.store import NewestScore, ProposalTable, Store

PIECE = 2500  # proposals read at a time, so that one read does not block the page
ROOM = 1024  # proposals there is room for at first; it doubles, so that growing leaves no holes in the heap
FIRST = 200  # proposals the axes are fitted to at first

CHANGING = ("score", "std", "state", "energy", "visits", "u", "v")
"""Columns whose old rows change."""

STATES = ("not asked about", "waiting", "on its way", "labelled", "vetoed", "failed")
_STATE = {
    Status.WAITING: 1,
    Status.DEFERRED: 1,
    Status.APPROVED: 2,
    Status.SUBMITTED: 2,
    Status.LABELLED: 3,
    Status.VETOED: 4,
    Status.FAILED: 5,
}


class Atlas:
    """What every proposal is known to be; row i is the i-th that was found.

    Attributes
    ----------
    candidate : n ids
    columns : (n,) arrays `base`, `score` (corrected, else nan), `std`, `label`, `energy` (eV), `state` (place
        in `STATES`), `search` (place in `searches`), `step`, `x`, `y` (place on the principal plane), `u`,
        `v` (among neighbours, nan until it is laid out), `basin` and its `visits`
    touched : (n,) value of `version` when the row changed last
    epoch : raised when all places on a map change
    layout : of the map of neighbours, once it is made
    layouts : (a name of this atlas alone, number of the layout that was asked for last)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._basins = Basins()
        self._row: dict[str, int] = {}
        self._seq = 0
        self.candidate: list[str] = []
        self.searches: list[str] = []
        self.projection: Projection | None = None
        self.layout: Layout | None = None
        self.layouts: tuple[object, int] = (object(), 0)
        self._laid_out = -1  # number of `layout`
        self._placed = 0  # rows that have their place in it
        self.shift = 0.0
        self.version = 0
        self.epoch = 0
        whole = {"state": np.int8, "search": np.int16, **dict.fromkeys(("step", "basin", "visits"), np.int64)}
        names = ("base", "score", "std", "label", "energy", "x", "y", "u", "v", *whole)
        self.columns: dict[str, NDArray[Any]] = {n: np.empty(0, dtype=whole.get(n, float)) for n in names}
        self.touched = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.candidate)

    def row(self, candidate: str | None) -> int | None:
        """Row of a candidate, if it has been read."""
        return self._row.get(candidate or "")

    def read(self, store: Store, campaign: Campaign) -> bool:
        """Take in the next piece of what was written; False where there is nothing new."""
        with self._lock:
            table = store.proposal_table(self.candidate[-1] if self.candidate else "", PIECE)
            news = campaign.seq != self._seq
            unplaced = self.layout is not None and self._placed < len(self)
            if not (table.candidate or news or unplaced):
                return False
            before = {name: self.columns[name].copy() for name in CHANGING}
            start = len(self)
            if table.candidate:
                self._append(table, store)
            if news:
                if start:  # else each piece comes with its scores
                    self._take(store.scores_since(self._seq))
                self._seq = campaign.seq
            self._read_campaign(campaign)
            self._place_among(store)
            self._touch(before)
            return True

    @property
    def places(self) -> FloatArray:
        """Where all structures lie on the principal plane, (n, 2): what `axes.fit_axes` is to be told."""
        with self._lock:
            return np.column_stack([self.columns["x"], self.columns["y"]])

    def take(self, axes: Axes, store: Store) -> None:
        """Lie on these axes from now on, also what was found while they were fitted."""
        with self._lock:
            known = len(axes.places)
            self.projection = axes.projection
            self.columns["x"][:known], self.columns["y"][:known] = axes.places.T
            for start in range(known, len(self), PIECE):
                piece = range(start, min(start + PIECE, len(self)))
                self._place(start, self._features(store, piece))
            self.epoch += 1

    def to_lay_out(self, store: Store) -> tuple[FloatArray, NDArray[np.int64], FloatArray | None]:
        """What `neighbours.lay_out` is to be told: features, rows, and where those were before."""
        with self._lock:
            rows = landmarks(len(self))
            places = np.column_stack([self.columns["u"], self.columns["v"]])[rows]
            return self._features(store, rows), rows, places if np.isfinite(places).all() else None

    @property
    def owes_layout(self) -> bool:
        """Whether the map of neighbours is still to be laid out, or laid out anew."""
        return self._laid_out != self.layouts[1]

    def lay(self, layout: Layout) -> None:
        """Take the layout that was owed; with the next reads the other structures find their places in it."""
        with self._lock:
            if self.owes_layout:
                self.layout, self._laid_out, self._placed = layout, self.layouts[1], 0
                u, v = self.columns["u"], self.columns["v"]
                u[:], v[:] = np.nan, np.nan
                u[layout.rows], v[layout.rows] = layout.places.T
                self.epoch += 1
                self.version += 1

    def lay_out_anew(self) -> None:
        """Owe a layout of all structures known now."""
        name, count = self.layouts
        if not self.owes_layout:
            self.layouts = (name, count + 1)

    def _features(self, store: Store, rows: Iterable[int]) -> FloatArray:
        """Descriptors, (len(rows), d): kilobytes each, so that they stay in the database."""
        names = [self.candidate[row] for row in rows]
        known = store.features(names)
        return np.stack([known[name] for name in names])

    def _append(self, table: ProposalTable, store: Store) -> None:
        start, new = len(self), len(table.candidate)
        self.candidate.extend(table.candidate)
        self._row.update(zip(table.candidate, range(start, start + new), strict=True))
        fresh: dict[str, NDArray[Any]] = {
            "base": table.base_energy,
            "step": table.step,
            "search": self._codes(table.generator),
        }
        for name, column in self.columns.items():
            blank = np.full(new, np.nan if column.dtype == float else 0, dtype=column.dtype)
            self.columns[name] = _longer(column, fresh.get(name, blank))
        self.touched = _longer(self.touched, np.full(new, self.version))
        self._take(table.scores)
        self.columns["basin"][start:] = self._basins.assign(
            table.base_energy, table.features, lambda rows: self._features(store, rows)
        )
        self.columns["visits"][:] = np.bincount(self.columns["basin"])[self.columns["basin"]]
        if self.projection is None:
            self.projection = Projection.fit(table.features[:FIRST])
            self.epoch += 1
        self._place(start, table.features)

    def _codes(self, generators: tuple[str, ...]) -> NDArray[np.int16]:
        # a search runs in chains, "random-search/0": the search is what a person chose
        names = [generator.split("/")[0] for generator in generators]
        self.searches += sorted(set(names) - set(self.searches))
        code = {name: k for k, name in enumerate(self.searches)}
        return np.array([code[name] for name in names], dtype=np.int16)

    def _take(self, scores: dict[str, NewestScore]) -> None:
        for candidate, score in scores.items():
            row = self._row.get(candidate)
            if row is not None and score.model_id != BARE_MODEL:
                self.columns["score"][row] = score.energy
                self.columns["std"][row] = np.nan if score.energy_std is None else score.energy_std

    def _read_campaign(self, campaign: Campaign) -> None:
        c = self.columns
        for candidate in campaign.candidates.values():
            row = self._row.get(candidate.id)
            if row is not None:
                c["state"][row] = _STATE[candidate.status]
                if candidate.label_eV is not None:
                    c["label"][row] = candidate.label_eV
        c["energy"][:], self.shift = best_energy(c["base"], c["score"], c["label"])

    def _touch(self, before: dict[str, NDArray[Any]]) -> None:
        self.version += 1
        changed = np.ones(len(self), dtype=bool)
        known = len(before["state"])
        changed[:known] = False
        for name, old in before.items():
            new = self.columns[name][:known]
            changed[:known] |= (new != old) & ~(np.isnan(new) & np.isnan(old))
        self.touched[changed] = self.version

    def _place(self, start: int, features: FloatArray) -> None:
        """Place the structures from row `start` on that have these descriptors."""
        if self.projection is not None:
            piece = slice(start, start + len(features))
            self.columns["x"][piece], self.columns["y"][piece] = self.projection.apply(features).T

    def _place_among(self, store: Store) -> None:
        """Place the next piece of structures among those that were laid out."""
        if self.layout is not None and self._placed < len(self):
            piece = range(self._placed, min(self._placed + PIECE, len(self)))
            places = among(self._features(store, piece), self.layout.features, self.layout.places)
            self.columns["u"][piece], self.columns["v"][piece] = places.T
            self._placed = piece.stop


def _longer(column: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """With these rows at its end; a view of an array that has room for more."""
    known, total = len(column), len(column) + len(rows)
    room = column.base
    if room is None or len(room) < total:
        room = np.empty(max(ROOM, 2 * known, total), dtype=column.dtype)
        room[:known] = column
    room[known:total] = rows
    return room[:total]


_atlases: WeakKeyDictionary[Store, Atlas] = WeakKeyDictionary()
_guard = threading.Lock()


def atlas_of(store: Store) -> Atlas:
    """The one atlas of a campaign's database in this process."""
    with _guard:
        if store not in _atlases:
            _atlases[store] = Atlas()
        return _atlases[store]
