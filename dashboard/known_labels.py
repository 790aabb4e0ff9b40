"""What is already paid for: descriptors, sizes and costs of the labelled candidates, each read once."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

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

    def __init__(self) -> None:
        self.names: list[str] = []
        self.n_atoms: list[int] = []
        self.core_seconds: list[float] = []
        self._features: FloatArray = np.empty((0, 0))
        self._squares: FloatArray = np.empty(0)
        self._place: dict[str, int] = {}

    def follow(self, store: Store, campaign: Campaign) -> None:
        """Know the labels of a campaign."""
        new = list(campaign.labels[len(self.names) :])
        if not new:
            return
        found = store.features(new)
        rows = np.array([found[name] for name in new])
        self._features = np.vstack([self._features, rows]) if self.names else rows
        self._squares = np.concatenate([self._squares, (rows**2).sum(axis=1)])
        self._place.update(zip(new, range(len(self.names), len(self.names) + len(new)), strict=True))
        self.n_atoms += store.n_atoms(new)
        self.core_seconds += [c.seconds * c.cores for c in map(campaign.candidates.__getitem__, new)]
        self.names += new

    def nearest(self, store: Store, candidate: str, count: int) -> Nearest | None:
        """Return the nearest of the first `count` labels in descriptor space but itself; None without one."""
        if not count:
            return None
        own = store.features([candidate])[candidate]
        away = self._squares[:count] - 2 * self._features[:count] @ own  # squared, up to |own|²
        place = self._place.get(candidate, count)
        if place < count:
            away[place] = np.inf
        best = int(away.argmin())
        if not np.isfinite(away[best]):
            return None
        distance = float(np.linalg.norm(self._features[best] - own))
        return Nearest(self.names[best], distance / (float(np.linalg.norm(own)) or 1.0))


_known: WeakKeyDictionary[Store, KnownLabels] = WeakKeyDictionary()


def known_labels(store: Store) -> KnownLabels:
    """What all tabs of this process know that follow one campaign: 10^4 labels are some 10 MB."""
    return _known.setdefault(store, KnownLabels())
