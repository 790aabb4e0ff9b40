"""What is already paid for: descriptors, sizes and costs of the labelled candidates, each read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.core import Campaign
from engine.protocols import FloatArray
from engine.store import Store


@dataclass(frozen=True)
class Nearest:
    """A labelled candidate, and how far its summed SOAP vector x' lies: |x − x'| / |x|."""

    candidate: str
    distance: float


class KnownLabels:
    """Labelled candidates of one campaign; `follow` reads those that are new.

    A campaign's labels only grow: what was known at an earlier moment are the first so many.

    Attributes
    ----------
    names : in the order of their labels
    n_atoms : of each
    core_seconds : that each took
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.names: list[str] = []
        self.n_atoms: list[int] = []
        self.core_seconds: list[float] = []
        self._features: FloatArray = np.empty((0, 0))

    def follow(self, campaign: Campaign) -> None:
        """Know the labels of a campaign."""
        new = list(campaign.labels[len(self.names) :])
        if not new:
            return
        found = self._store.features(new)
        rows = np.array([found[name] for name in new])
        self._features = np.vstack([self._features, rows]) if self.names else rows
        self.n_atoms += self._store.n_atoms(new)
        self.core_seconds += [c.seconds * c.cores for c in map(campaign.candidates.__getitem__, new)]
        self.names += new

    def nearest(self, candidate: str, count: int) -> Nearest | None:
        """Return the nearest of the first `count` labels in descriptor space but itself; None without one."""
        if not count:
            return None
        own = self._store.features([candidate])[candidate]
        away: FloatArray = np.linalg.norm(self._features[:count] - own, axis=1)
        if candidate in self.names[:count]:
            away[self.names.index(candidate)] = np.inf
        best = int(away.argmin())
        length = float(np.linalg.norm(own))
        return (
            Nearest(self.names[best], float(away[best]) / (length or 1.0))
            if np.isfinite(away[best])
            else None
        )


@lru_cache(maxsize=8)
def known_labels(store: Store) -> KnownLabels:
    """What all tabs of this process know that follow one campaign: 10^4 labels are some 10 MB."""
    return KnownLabels(store)
