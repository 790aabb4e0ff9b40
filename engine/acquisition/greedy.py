"""The greedy batch that the rules share: each pick changes what the others are worth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial.distance import cdist

from engine.protocols import FloatArray, Pick, Pool

_TOGETHER = 1024  # structures whose distances to the known ones are held at a time


def greedy(
    pool: Pool,
    count: int,
    utility: Callable[[], FloatArray],
    terms: Callable[[int], dict[str, float]],
    picked: Callable[[int], None],
    *,
    flagged_last: bool = False,
) -> list[Pick]:
    """Pick the largest utility, tell of it, repeat; the lower energy, per atom if sizes differ, wins a tie.

    Parameters
    ----------
    pool : n proposals
    count : most picks
    utility : what is maximised now, (n,)
    terms : of one proposal, asked before the pick is told
    picked : told of each pick
    flagged_last : whether a flagged one is picked only when no other is left

    Returns
    -------
    at most `count` picks, best first
    """
    energy = pool.energy if pool.n_atoms is None else pool.energy / pool.n_atoms
    left = np.ones(len(energy), dtype=bool)
    clean = pool.n_flags == 0 if flagged_last else left.copy()
    picks: list[Pick] = []
    while len(picks) < count and left.any():
        among = left & clean if (left & clean).any() else left
        value = np.where(among, utility(), -np.inf)
        best = np.flatnonzero(value == value.max())
        index = int(best[np.argmin(energy[best])])
        picks.append(Pick(index, float(value[index]), terms(index)))
        left[index] = False
        picked(index)
    return picks


def greedy_batch(
    pool: Pool,
    count: int,
    diversity: float,
    fixed_terms: dict[str, FloatArray],
    utility: Callable[[FloatArray], FloatArray],
) -> list[Pick]:
    """Pick the largest utility, update how new the others are, repeat.

    Novelty is d / max d, with d the distance in feature space to the nearest of picks and known structures;
    with neither, all are equally new (1).

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
    nearest = _nearest_known(pool)
    novelty = _novelty(nearest)

    def terms(index: int) -> dict[str, float]:
        fixed = {name: float(term[index]) for name, term in fixed_terms.items()}
        return {**fixed, "diversity": float(diversity * novelty[index])}

    def picked(index: int) -> None:
        nonlocal novelty
        away = np.linalg.norm(pool.features - pool.features[index], axis=1)
        np.minimum(nearest, away, out=nearest)
        novelty = _novelty(nearest)

    return greedy(pool, count, lambda: utility(novelty), terms, picked)


def _nearest_known(pool: Pool) -> FloatArray:
    """Distance of each to the nearest known structure, infinite without one."""
    nearest = np.full(len(pool.energy), np.inf)
    if len(pool.known_features):
        for first in range(0, len(nearest), _TOGETHER):
            chunk = slice(first, first + _TOGETHER)
            nearest[chunk] = cdist(pool.features[chunk], pool.known_features).min(axis=1)
    return nearest


def _novelty(nearest: FloatArray) -> FloatArray:
    """Distances in units of the largest; 1 where nothing is known, 0 where all is."""
    largest = nearest.max(initial=0.0)
    if np.isinf(largest):
        return np.ones_like(nearest)
    return nearest / largest if largest > 0 else nearest
