"""A map on which neighbours stay neighbours: UMAP of some structures, and all others among those.

McInnes, Healy, Melville, arXiv 1802.03426. What has its place keeps it while structures are added; a new
layout begins where the last one ended, and is turned onto it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.plots.projection import FloatArray

FEWEST = 20  # structures that have neighbourhoods worth a map
LANDMARKS = 2000  # structures that are laid out: seconds, where 10^5 would be an hour
NEIGHBOURS = 15
_NEAREST = 5  # landmarks among which another structure is placed
_SEED = 0
_GENTLY = {"n_epochs": 200, "learning_rate": 0.01}  # tried: groups stay, and neighbours are as true as anew


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the landmarks lie.

    Attributes
    ----------
    rows : (m,) which structures they are
    features : (m, d) their summed descriptors
    places : (m, 2), no unit
    """

    rows: NDArray[np.int64]
    features: FloatArray
    places: FloatArray


def landmarks(n: int) -> NDArray[np.int64]:
    """Which of n structures are laid out: all, or as many as can be, drawn at random; in order."""
    if n <= LANDMARKS:
        return np.arange(n)
    return np.sort(np.random.default_rng(_SEED).choice(n, LANDMARKS, replace=False))


def lay_out(features: NDArray[Any], rows: NDArray[np.int64], before: FloatArray | None = None) -> Layout:
    """Lay structures out, in a worker: the first time in a process, numba translates for some 20 s.

    Parameters
    ----------
    features : (m, d) summed descriptors, m ≥ FEWEST
    rows : (m,) which structures they are
    before : (m, 2) where they were; None the first time
    """
    from umap import UMAP  # with numba, for which no page waits

    options: dict[str, Any] = {"init": "pca"} if before is None else {"init": before, **_GENTLY}
    umap = UMAP(n_neighbors=NEIGHBOURS, random_state=_SEED, n_jobs=1, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that one seed means one thread
        places = np.asarray(umap.fit_transform(features), dtype=float)
    if before is not None:
        # UMAP stretches where it begins to be as wide as it is high
        places = onto(places * np.ptp(before, axis=0), before)
    return Layout(rows, features, places)


def onto(places: FloatArray, before: FloatArray) -> FloatArray:
    """`places` (n, 2), turned, mirrored, scaled and shifted to lie as near as can be to `before` (n, 2).

    Orthogonal Procrustes problem (Schönemann, Psychometrika 31, 1, 1966).
    """
    from scipy.linalg import orthogonal_procrustes  # for which the first page does not wait

    centred = places - places.mean(axis=0)
    turn, singular = orthogonal_procrustes(centred, before - before.mean(axis=0))
    moved: FloatArray = singular / (centred**2).sum() * centred @ turn + before.mean(axis=0)
    return moved


def among(features: NDArray[Any], known: NDArray[Any], places: FloatArray) -> FloatArray:
    """Places (n, 2) of structures among those that have theirs: the mean of the nearest, weighted by 1/d².

    Shepard, Proc. 23rd ACM National Conference, 517 (1968). What is one of `known` lies where that lies.

    Parameters
    ----------
    features : (n, d) summed descriptors
    known : (m, d) of the landmarks
    places : (m, 2) of the landmarks
    """
    from sklearn.neighbors import NearestNeighbors  # for which the first page does not wait

    search = NearestNeighbors(n_neighbors=min(_NEAREST, len(known)), algorithm="brute").fit(known)
    distance, nearest = search.kneighbors(features)
    weights = 1 / np.maximum(distance, 1e-6 * np.maximum(distance[:, -1:], 1e-12)) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    found: FloatArray = (weights[:, :, None] * places[nearest]).sum(axis=1)
    return found
