"""How likely a candidate is to be vetoed: the part of the nearest decided ones that were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.math.comparison import is_worse

FloatArray = NDArray[np.float64]

NEAREST = 8
FEWEST = 8
"""Decisions of each kind, below which nothing is said."""


@dataclass(frozen=True, eq=False)
class VetoLikelihood:
    """What the nearest decided candidates say.

    Attributes
    ----------
    probability : (m,) of a veto
    nearest : (m, NEAREST) rows of the decided ones, nearest first
    vetoed : (m,) how many of them were vetoed
    base_rate : part of all decisions that were vetoes
    error, base_error : leave-one-out root mean square of P − veto, and the same of the base rate alone
    decided : decisions that it knows
    """

    probability: FloatArray
    nearest: NDArray[np.int64]
    vetoed: NDArray[np.int64]
    base_rate: float
    error: float
    base_error: float
    decided: int


def veto_likelihood(
    features: ArrayLike, vetoed: ArrayLike, asked: ArrayLike, level: float = 0.05
) -> VetoLikelihood | None:
    """Nearest neighbours in standardised features, P = (vetoed of the nearest + base rate) / (NEAREST + 1).

    A feature that is missing somewhere counts there as its median. The base rate is one neighbour more: P
    is never 0 or 1.

    Parameters
    ----------
    features : (n, d) of the decided ones, nan where one was not measured
    vetoed : (n,)
    asked : (m, d)
    level : how often decisions that follow nothing may be told as if they did

    Returns
    -------
    None with fewer than `FEWEST` of either kind, or where leaving each out in turn, it is told no better than
    by the base rate of the others (paired one-sided t-test of squared errors)
    """
    from sklearn.neighbors import NearestNeighbors  # over a second, for which no page waits

    vetoed = np.asarray(vetoed, dtype=bool)
    known, wanted = _standardised(np.asarray(features, dtype=float), np.asarray(asked, dtype=float))
    n, count = len(vetoed), int(vetoed.sum())
    if min(count, n - count) < FEWEST or not known.shape[1]:
        return None
    search = NearestNeighbors(n_neighbors=NEAREST).fit(known)
    others = (count - vetoed) / (n - 1)  # base rate without the one that is left out
    left_out = _probability(vetoed[search.kneighbors(return_distance=False)].sum(axis=1), others)
    squared, base_squared = (left_out - vetoed) ** 2, (others - vetoed) ** 2
    if not is_worse(base_squared, squared, level):
        return None
    nearest = np.empty((0, NEAREST), dtype=np.int64)
    if len(wanted):
        nearest = search.kneighbors(wanted, return_distance=False)
    hits = vetoed[nearest].sum(axis=1)
    return VetoLikelihood(
        probability=_probability(hits, np.full(len(wanted), count / n)),
        nearest=nearest,
        vetoed=hits,
        base_rate=count / n,
        error=float(np.sqrt(squared.mean())),
        base_error=float(np.sqrt(base_squared.mean())),
        decided=n,
    )


def _probability(hits: NDArray[np.int64], base_rate: FloatArray) -> FloatArray:
    probability: FloatArray = (hits + base_rate) / (NEAREST + 1)
    return probability


def _standardised(features: FloatArray, asked: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both in standard deviations of the first; columns that say nothing are left out."""
    there = np.nonzero(np.isfinite(features).any(axis=0))[0]
    features, asked = features[:, there], asked.reshape(-1, features.shape[1])[:, there]
    middle = np.nanmedian(features, axis=0)
    features, asked = np.where(np.isnan(features), middle, features), np.where(np.isnan(asked), middle, asked)
    std = features.std(axis=0)
    moves = std > 1e-9 * (1 + np.abs(features).max(axis=0))
    mean, std = features[:, moves].mean(axis=0), std[moves]
    return (features[:, moves] - mean) / std, (asked[:, moves] - mean) / std
