"""Gaussian differential entropy of an ensemble (Nonaka, Liu, Jia, Hirotani, WCCM 2026)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, polygamma

_VARIANCE_FLOOR = 1e-12  # in units of scale²: members that agree have a finite entropy
_TOGETHER = 1024  # points at a time: what belongs to them stays in the processor's cache
_CONDITION = 1e6  # of a covariance, up to which its determinant is taken from the pivots


def gaussian_entropy(values: ArrayLike, scale: float = 1.0, axis: int = 0) -> NDArray[np.float64]:
    """Entropy of the normal distribution with the ensemble's variance.

    h = ½ ln(2πe (s / scale)²), with s² over M − 1. With `scale` the target accuracy, h = ½ ln(2πe) ≈ 1.419
    means "on target". For one response the order of h is the order of s. Not corrected for the bias of
    few members: see `entropy_bias`.

    Parameters
    ----------
    values : (M, ...) responses of M ≥ 2 members, members along `axis`
    scale : target accuracy, in the unit of `values`
    axis : the members' axis

    Returns
    -------
    (...) entropy (nat)
    """
    values = np.asarray(values, dtype=float)
    if values.shape[axis] < 2:
        raise ValueError(f"an entropy needs at least 2 members, got {values.shape[axis]}")
    if not scale > 0:
        raise ValueError(f"scale must be positive, got {scale}")
    variance = np.var(values / scale, axis=axis, ddof=1)
    entropy: NDArray[np.float64] = 0.5 * np.log(2 * np.pi * np.e * np.maximum(variance, _VARIANCE_FLOOR))
    return entropy


def joint_entropy(values: ArrayLike, scale: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Entropy of the normal distribution with the ensemble's covariance of k responses.

    h = ½ ln((2πe)^k det S), with S over M − 1, shrunk towards a multiple of the unit matrix by the amount of
    Ledoit and Wolf, J. Multivariate Anal. 88, 365 (2004), for any M: without it, fewer members than responses
    have det S = 0. Shrinking lowers no entropy; with one response this is `gaussian_entropy`. Not corrected
    for the bias of few members.

    Parameters
    ----------
    values : (M, ..., k) responses of M ≥ 2 members
    scale : one number, or (k,), the target accuracy of each response in its unit

    Returns
    -------
    (...) entropy (nat)

    Raises
    ------
    ValueError
        if there are fewer than 2 members, or a scale is not positive
    """
    scale = np.asarray(scale, dtype=float)
    values = np.asarray(values, dtype=float)
    if values.ndim < 2 or len(values) < 2:
        raise ValueError(f"a joint entropy needs (M ≥ 2, ..., k) responses, got the shape {values.shape}")
    if not (scale > 0).all():
        raise ValueError(f"scale must be positive, got {scale.tolist()}")
    n_responses, points = values.shape[-1], values.shape[1:-1]
    values = values.reshape(len(values), -1, n_responses)
    log_determinant = np.empty(values.shape[1])
    for first in range(0, len(log_determinant), _TOGETHER):
        part = slice(first, first + _TOGETHER)
        log_determinant[part] = _log_determinant(values[:, part] / scale)
    entropy: NDArray[np.float64] = 0.5 * (n_responses * np.log(2 * np.pi * np.e) + log_determinant)
    return entropy.reshape(points)


def _log_determinant(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the determinant of (1 − δ) S + δ tr(S)/k, (n,), with S the covariance of (M, n, k).

    S of fewer members than responses is that of their (M, M) products: the eigenvalues that it lacks are 0.
    """
    n_members, _, n_responses = values.shape
    deviations = np.ascontiguousarray(np.swapaxes(values - values[0], 1, 2))
    deviations -= deviations.mean(axis=0)
    pairs = "mkn,mln->kln" if n_responses <= n_members else "kmn,lmn->kln"
    product = np.einsum(pairs, deviations, deviations) / n_members
    mean = np.trace(product) / n_responses
    squared = (product**2).sum(axis=(0, 1))
    away = squared - n_responses * mean**2  # ‖S − mean · 1‖²
    fourth = ((deviations**2).sum(axis=1) ** 2).mean(axis=0)
    error = np.clip((fourth - squared) / n_members, 0.0, away)
    amount = np.divide(error, away, out=np.zeros_like(away), where=error > 0)
    unbiased = n_members / (n_members - 1)
    ridge = unbiased * amount * mean  # no eigenvalue is smaller
    product *= unbiased * (1 - amount)
    np.einsum("kkn->kn", product)[:] += ridge
    trace = unbiased * n_responses * mean
    weak = np.flatnonzero((ridge * _CONDITION < trace) | (ridge < _VARIANCE_FLOOR))
    eigenvalues = np.linalg.eigvalsh(np.moveaxis(product[..., weak], -1, 0))
    with np.errstate(divide="ignore", invalid="ignore"):  # of the weak ones, which come from eigenvalues
        found = _log_pivots(product)
    found[weak] = np.log(np.maximum(eigenvalues, _VARIANCE_FLOOR)).sum(axis=1)
    missing = max(0, n_responses - n_members)
    log_determinant: NDArray[np.float64] = found + missing * np.log(np.maximum(ridge, _VARIANCE_FLOOR))
    return log_determinant


def _log_pivots(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Σ ln d of LDLᵀ of (k, k, n) matrices, (n,); one column after another of all at once, in their place."""
    log = np.zeros(matrix.shape[-1])
    for j in range(len(matrix)):
        log += np.log(matrix[j, j])
        for i in range(j + 1, len(matrix)):
            matrix[i, j + 1 : i + 1] -= (matrix[i, j] / matrix[j, j]) * matrix[j + 1 : i + 1, j]
    return log


def entropy_bias(M: int) -> float:
    """Bias of `gaussian_entropy` from M members: E[h] − h = ½ [ψ((M − 1)/2) − ln((M − 1)/2)].

    Negative: few members look more certain than they are. Subtract it.
    """
    if M < 2:
        raise ValueError(f"an entropy needs at least 2 members, got {M}")
    half = (M - 1) / 2
    return float(0.5 * (digamma(half) - np.log(half)))


def entropy_std(M: int) -> float:
    """Standard deviation of `gaussian_entropy` from M members: ½ √ψ′((M − 1)/2)."""
    if M < 2:
        raise ValueError(f"an entropy needs at least 2 members, got {M}")
    return float(0.5 * np.sqrt(polygamma(1, (M - 1) / 2)))
