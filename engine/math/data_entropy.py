"""Which environments a data set covers: entropy of a kernel density over them, model-free.

Schwalbe-Koda, Hamel, Sadigh, Zhou, Lordi, "Model-free estimation of completeness, uncertainties, and outliers
in atomistic machine learning using information theory" (QUESTS), with K_h(x, y) = exp(−|x − y|²/2h²).
Distances are those of the features given: standardise descriptors of unequal range first.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

DISPLACEMENT = 0.05
"""Standard deviation of each coordinate (Å) in the default bandwidth: an atom's shaking in a cool solid."""

EXACT_ENVIRONMENTS = 10_000
"""Most environments that are all compared with all."""

SAMPLED_ROWS = 2000  # of more: their mean is within some 0.05 nats (one σ) of the exact one
_FIRST_ROWS = 1000  # environments whose growth is exact in any case, for there a sample would be a handful
_ROUNDING = 1e-6  # nats: an environment that is its own only neighbour is covered
_BLOCK = (128, 4096)  # kernel values held at a time: 4 MB


def displacement_bandwidth(features: ArrayLike, displaced: ArrayLike) -> float:
    """Bandwidth: how far environments move when their atoms shake, the median of |x − x′|.

    It says which environments count as one: those that differ by no more than a shaking of known size, by
    default `DISPLACEMENT`. It is in the unit of the features, whichever they are, and unlike rules of density
    estimation it does not shrink as data come, so that entropies along a campaign can be compared.

    Parameters
    ----------
    features, displaced : (n, d) of the same atoms before and after each coordinate moved by a normal deviate

    Raises
    ------
    ValueError
        if the shapes differ, or nothing moved
    """
    before, after = np.asarray(features, dtype=float), np.asarray(displaced, dtype=float)
    if before.ndim != 2 or before.shape != after.shape or not len(before):
        raise ValueError(f"a bandwidth needs (n, d) features twice, got {before.shape} and {after.shape}")
    moved = float(np.median(np.linalg.norm(after - before, axis=1)))
    if not moved > 0:
        raise ValueError("no environment moved: displace the atoms, or take features that feel it")
    return moved


def data_entropy(features: ArrayLike, bandwidth: float, exact: int = EXACT_ENVIRONMENTS) -> float:
    """Entropy of a set of environments, H = −1/n Σ_i log(1/n Σ_j K_h(x_i, x_j)).

    0 where all are one, log n where all are far apart; a duplicate of all adds nothing. Of more than `exact`
    environments by `sampled_data_entropy`, with the same sample each time.

    Parameters
    ----------
    features : (n, d)
    bandwidth : h, in their unit
    exact : most environments that are all compared with all

    Returns
    -------
    H (nat)

    Raises
    ------
    ValueError
        if there is no environment, a feature is not finite, or the bandwidth is not positive
    """
    points = _scaled(features, bandwidth)
    if len(points) > exact:
        return sampled_data_entropy(features, bandwidth, np.random.default_rng(0))[0]
    return float(np.log(len(points)) - _log_sums(points, points).mean())


def sampled_data_entropy(
    features: ArrayLike, bandwidth: float, rng: np.random.Generator, rows: int = SAMPLED_ROWS
) -> tuple[float, float]:
    """`data_entropy` from some rows of the kernel matrix, each compared with all: linear in n, no bias.

    Parameters
    ----------
    features : (n, d)
    bandwidth : h, in their unit
    rng : draws the rows, without replacement
    rows : at least 2

    Returns
    -------
    H, and the standard error that the sample leaves (nat); 0 where it is everything

    Raises
    ------
    ValueError
        as `data_entropy`, or if there are fewer than 2 rows
    """
    points = _scaled(features, bandwidth)
    n = len(points)
    if rows < 2:
        raise ValueError(f"a sample needs at least 2 rows, got {rows}")
    if rows >= n:
        return float(np.log(n) - _log_sums(points, points).mean()), 0.0
    sums = _log_sums(points[rng.choice(n, rows, replace=False)], points)
    error = sums.std(ddof=1) / np.sqrt(rows) * np.sqrt(1 - rows / n)
    return float(np.log(n) - sums.mean()), float(error)


def differential_entropy(new: ArrayLike, known: ArrayLike, bandwidth: float) -> FloatArray:
    """What each new environment would add, dH(y) = −log Σ_j K_h(y, x_j); above 0 it is not covered.

    Exact, in blocks: time goes as the product of both numbers, memory does not. Far from all known ones it
    tends to the squared distance from the nearest over 2h².

    Parameters
    ----------
    new : (m, d)
    known : (n, d)
    bandwidth : h, in their unit

    Returns
    -------
    (m,) nat

    Raises
    ------
    ValueError
        as `data_entropy`, or if the features are not of one length
    """
    points, others = _scaled(known, bandwidth), _scaled(new, bandwidth)
    if points.shape[1] != others.shape[1]:
        raise ValueError(f"new features {others.shape} and known ones {points.shape} are not of one length")
    return -_log_sums(others, points)


def overlap(test: ArrayLike, train: ArrayLike, bandwidth: float, exact: int = EXACT_ENVIRONMENTS) -> float:
    """Part of the test environments that the training set covers: those with dH ≤ 0.

    Of more than `exact` test environments a sample of `SAMPLED_ROWS` stands for all, the same one each time;
    its standard error is at most 0.011.

    Parameters
    ----------
    test : (m, d)
    train : (n, d)
    bandwidth : h, in their unit
    exact : most test environments that are all asked about

    Raises
    ------
    ValueError
        as `differential_entropy`
    """
    asked = np.asarray(test, dtype=float)
    if len(asked) > exact:
        asked = asked[np.random.default_rng(0).choice(len(asked), SAMPLED_ROWS, replace=False)]
    return float((differential_entropy(asked, train, bandwidth) <= _ROUNDING).mean())


def entropy_growth(
    features: ArrayLike, n_atoms: ArrayLike, bandwidth: float, exact: int = EXACT_ENVIRONMENTS
) -> FloatArray:
    """Entropy of the first 1, 2, … structures, H(t): flat where the new ones bring nothing new.

    Of more than `exact` environments, the first thousand or so and some of each later structure stand for
    all, weighted by what they stand for: linear in n, no bias.

    Parameters
    ----------
    features : (n, d) of the structures one after the other
    n_atoms : (n_structures,) their numbers of environments
    bandwidth : h, in the unit of the features
    exact : most environments that are all compared with all

    Returns
    -------
    (n_structures,) nat

    Raises
    ------
    ValueError
        as `data_entropy`, or if the numbers do not add up
    """
    points, sizes = _scaled(features, bandwidth), np.asarray(n_atoms, dtype=np.int64)
    if sizes.ndim != 1 or sizes.sum() != len(points) or (sizes < 1).any():
        raise ValueError(f"{sizes.tolist()} atoms do not add up to {len(points)} environments")
    ends = np.cumsum(sizes)
    rows, weights = np.arange(len(points)), np.ones(len(points))
    if len(points) > exact:
        rows, weights = _growing_rows(sizes)
    sums, entropy = np.full(len(rows), -np.inf), np.empty(len(sizes))
    for t, (start, end) in enumerate(zip(ends - sizes, ends, strict=True)):
        sums = np.logaddexp(sums, _log_sums(points[rows], points[start:end]))
        seen = np.searchsorted(rows, end)
        entropy[t] = np.log(end) - weights[:seen] @ sums[:seen] / end
    return entropy


def _growing_rows(sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], FloatArray]:
    """Environments (ascending) that stand for those of their structure, and for how many each."""
    ends = np.cumsum(sizes)
    counts = np.where(ends > _FIRST_ROWS, np.minimum(sizes, -(-SAMPLED_ROWS // len(sizes))), sizes)
    rng = np.random.default_rng(0)
    rows = [
        end - size + np.sort(rng.choice(size, count, replace=False))
        for end, size, count in zip(ends, sizes, counts, strict=True)
    ]
    return np.concatenate(rows), np.repeat(sizes / counts, counts)


def _scaled(features: ArrayLike, bandwidth: float) -> FloatArray:
    points = np.asarray(features, dtype=float)
    if points.ndim != 2 or not points.size or not np.isfinite(points).all():
        raise ValueError(f"environments are (n ≥ 1, d ≥ 1) finite features, got the shape {points.shape}")
    if not (bandwidth > 0 and np.isfinite(bandwidth)):
        raise ValueError(f"a bandwidth must be positive, got {bandwidth}")
    return points / bandwidth


def _log_sums(points: FloatArray, known: FloatArray) -> FloatArray:
    """Log Σ_j exp(−½ |x_i − y_j|²) of each point, (m,)."""
    middle = known.mean(axis=0)  # small numbers, for squares are subtracted
    points, known = points - middle, known - middle
    sums = np.full(len(points), -np.inf)
    for rows in _blocks(len(points), _BLOCK[0]):
        for columns in _blocks(len(known), _BLOCK[1]):
            block = _exponents(points[rows], known[columns])
            peak = block.max(axis=1)
            block -= peak[:, None]
            np.exp(block, out=block)
            sums[rows] = np.logaddexp(sums[rows], peak + np.log(block.sum(axis=1)))
    return sums


def _exponents(points: FloatArray, known: FloatArray) -> FloatArray:
    """−½ |x_i − y_j|², (m, n)."""
    exponents: FloatArray = points @ known.T
    exponents -= 0.5 * np.einsum("nd,nd->n", points, points)[:, None]
    exponents -= 0.5 * np.einsum("nd,nd->n", known, known)
    return np.minimum(exponents, 0.0, out=exponents)


def _blocks(n: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, n, size))
