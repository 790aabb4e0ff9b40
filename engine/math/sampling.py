"""Choosing few points that stand for many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_RANK_CUTOFF = 1e-13  # of squared singular values: smaller ones are rounding
_SAME = 1e-7  # relative distance below which two points are one: rounding of a squared distance


def farthest_points(features: FloatArray, count: int, start: Sequence[int] = (0,)) -> NDArray[np.int64]:
    """Greedy farthest-point selection: each next point is the one farthest from all chosen ones.

    Ends early when all that is left are duplicates of chosen points.

    Parameters
    ----------
    features : (n, d)
    count : most points to choose, `start` among them
    start : indices of the points that are chosen first, at least one

    Returns
    -------
    (≤ count,) indices in the order of choice
    """
    features = features - features.mean(axis=0)
    squares = np.einsum("nd,nd->n", features, features)
    same = _SAME**2 * squares.max()
    nearest = np.full(len(features), np.inf)
    chosen = [*start]
    for index in chosen:
        _approach(nearest, features, squares, index)
    while len(chosen) < min(count, len(features)):
        farthest = int(np.argmax(nearest))
        if nearest[farthest] <= same:
            break
        chosen.append(farthest)
        _approach(nearest, features, squares, farthest)
    return np.array(chosen, dtype=np.int64)


def _approach(nearest: FloatArray, features: FloatArray, squares: FloatArray, index: int) -> None:
    """Lower `nearest` (squared distances) to those from point `index`, in place."""
    distances = features @ features[index]
    distances *= -2.0
    distances += squares
    distances += squares[index]
    np.minimum(nearest, distances, out=nearest)


def leverage_scores(features: FloatArray) -> FloatArray:
    """Statistical leverage of each row of a feature matrix, as in a CUR decomposition.

    ‖U_i‖² of the singular value decomposition X = U Σ Vᵀ, from the Gram matrix XᵀX = V Σ² Vᵀ, which has
    d × d entries for n ≫ d rows. The scores add up to the rank of X. Mahoney and Drineas, PNAS 106, 697
    (2009).

    Parameters
    ----------
    features : (n, d) X

    Returns
    -------
    (n,) between 0 and 1
    """
    eigenvalues, vectors = np.linalg.eigh(features.T @ features)
    kept = eigenvalues > _RANK_CUTOFF * eigenvalues[-1]
    rotated = features @ (vectors[:, kept] / np.sqrt(eigenvalues[kept]))
    scores: FloatArray = np.einsum("nd,nd->n", rotated, rotated)
    return scores


def leverage_points(features: FloatArray, count: int) -> NDArray[np.int64]:
    """Choose rows at random by their leverage, the same ones each time, then drop duplicates.

    Parameters
    ----------
    features : (n, d), n > count
    count : most points to choose

    Returns
    -------
    (≤ count,) indices, ascending
    """
    scores = leverage_scores(features)
    # highest log(u) / p: drawn one after another without replacement (Efraimidis and Spirakis 2006)
    keys = np.log(np.random.default_rng(0).random(len(scores))) / np.maximum(scores, _SAME)
    chosen = np.sort(np.argsort(keys, kind="stable")[-count:])
    unique: NDArray[np.int64] = chosen[distinct_points(features[chosen])]
    return unique


def distinct_points(features: FloatArray) -> NDArray[np.int64]:
    """Indices (ascending) of the first of each group of equal rows of `features` (n, d)."""
    scale = float(np.abs(features).max(initial=0.0)) or 1.0
    _, first = np.unique(np.round(features / (scale * _SAME)), axis=0, return_index=True)
    return np.sort(first)
