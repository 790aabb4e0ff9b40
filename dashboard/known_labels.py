"""What is already paid for: descriptors, sizes and costs of the labelled candidates, each read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.protocols import FloatArray
from engine.store import Store


@dataclass(frozen=True)
class Nearest:
    """A labelled candidate, and how far its summed SOAP vector x' lies: |x − x'| / |x|."""

    candidate: str
    distance: float


class KnownLabels:
    """Labelled candidates of one campaign; `follow` reads those that are new.

    Attributes
    ----------
    names : in the order of their labels
    n_atoms : of each
    """

    def __init__(self) -> None:
        self._store: Store | None = None
        self._begin(None)

    def _begin(self, store: Store | None) -> None:
        self._store = store
        self.names: list[str] = []
        self.n_atoms: list[int] = []
        self._features = np.empty((0, 0))

    def follow(self, store: Store, labels: Sequence[str]) -> None:
        """Know these labels; of a log that only grew, those behind the last."""
        if store is not self._store or self.names != list(labels[: len(self.names)]):
            self._begin(store)
        new = list(labels[len(self.names) :])
        if not new:
            return
        found = store.features(new)
        rows = np.array([found[name] for name in new])
        self._features = np.vstack([self._features, rows]) if self.names else rows
        self.n_atoms += store.n_atoms(new)
        self.names += new

    def nearest(self, candidate: str) -> Nearest | None:
        """Return the nearest label in descriptor space but itself; None where there is no other."""
        if self._store is None or not self.names:
            return None
        own = self._store.features([candidate])[candidate]
        away: FloatArray = np.linalg.norm(self._features - own, axis=1)
        if candidate in self.names:
            away[self.names.index(candidate)] = np.inf
        best = int(away.argmin())
        length = float(np.linalg.norm(own))
        return (
            Nearest(self.names[best], float(away[best]) / (length or 1.0))
            if np.isfinite(away[best])
            else None
        )
