"""New axes for the map of a campaign's structures, and their places on it; in a worker.

A descriptor is kilobytes: those of 10^5 structures are read in pieces, twice, for which no page waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dashboard.plots.neighbours import landmarks
from dashboard.plots.projection import FloatArray, Projection
from engine.store import Store

PIECE = 2500  # descriptors in memory at a time


@dataclass(frozen=True, eq=False)
class Axes:
    """A projection, and where the first n structures lie on it, (n, 2)."""

    projection: Projection
    places: FloatArray


def fit_axes(folder: Path, before: FloatArray) -> Axes:
    """Fit axes to the structures of which `before` (n, 2) says where they were, the n that were found first.

    They are fitted to some thousand of them, and turned to leave those as near as can be to where they were.

    Raises
    ------
    DeltadeskError
        if the database cannot be used
    """
    store = Store(folder)
    try:
        rows = landmarks(len(before))
        pieces = _descriptors(store, len(before))
        features = np.concatenate([piece[_within(rows, start, len(piece))] for start, piece in pieces])
        projection = Projection.fit(features).turned(features, before[rows])
        places = [projection.apply(piece) for _, piece in _descriptors(store, len(before))]
        return Axes(projection, np.concatenate(places))
    finally:
        store.close()


def _within(rows: np.ndarray, start: int, count: int) -> np.ndarray:
    """Those of `rows` that lie in a piece, counted from its start."""
    return rows[(rows >= start) & (rows < start + count)] - start


def _descriptors(store: Store, n: int) -> Iterator[tuple[int, FloatArray]]:
    """The first n, in pieces: (row of its first, (k, d))."""
    start, after = 0, ""
    while start < n:
        table = store.proposal_table(after, min(PIECE, n - start))
        yield start, table.features
        start, after = start + len(table.candidate), table.candidate[-1]
