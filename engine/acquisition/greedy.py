"""The greedy batch that the rules share: each pick changes how new the others are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial.distance import cdist

from engine.protocols import FloatArray, Pick, Pool


def greedy_batch(
    pool: Pool,
    count: int,
    diversity: float,
    fixed_terms: dict[str, FloatArray],
    utility: Callable[[FloatArray], FloatArray],
) -> list[Pick]:
    """Pick the largest utility, update how new the others are, repeat.

    Novelty is d / max d, with d the distance in feature space to the nearest of picks and known structures;
    with neither, all are equally new (1). The lower energy wins a tie.

    Parameters
    ----------
    pool : n proposals
    count : most picks
    diversity : what a novelty of 1 is worth (eV), for the term that is shown
    fixed_terms : name to (n,) eV, terms that a pick does not change
    utility : from the novelty (n,) to what is maximised (n,)

    Returns
    -------
    at most `count` picks, best first
    """
    nearest = np.full(len(pool.energy), np.inf)
    if len(pool.known_features):
        nearest = cdist(pool.features, pool.known_features).min(axis=1)
    left = np.ones(len(pool.energy), dtype=bool)
    picks: list[Pick] = []
    while len(picks) < count and left.any():
        novelty = _novelty(nearest)
        value = np.where(left, utility(novelty), -np.inf)
        index = int(np.lexsort((pool.energy, -value))[0])
        terms = {name: float(term[index]) for name, term in fixed_terms.items()}
        terms["diversity"] = float(diversity * novelty[index])
        picks.append(Pick(index, float(value[index]), terms))
        left[index] = False
        nearest = np.minimum(nearest, np.linalg.norm(pool.features - pool.features[index], axis=1))
    return picks


def _novelty(nearest: FloatArray) -> FloatArray:
    """Distances in units of the largest; 1 where nothing is known, 0 where all is."""
    largest = nearest.max()
    if np.isinf(largest):
        return np.ones_like(nearest)
    return nearest / largest if largest > 0 else nearest
