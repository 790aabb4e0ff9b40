"""Gaussian differential entropy of an ensemble (Nonaka, Liu, Jia, Hirotani, WCCM 2026)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, polygamma

_VARIANCE_FLOOR = 1e-12  # in units of scale²: members that agree have a finite entropy


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
    eigenvalues = np.maximum(np.linalg.eigvalsh(_shrunk_covariance(values / scale)), _VARIANCE_FLOOR)
    entropy: NDArray[np.float64] = 0.5 * np.log(2 * np.pi * np.e * eigenvalues).sum(axis=-1)
    return entropy


def _shrunk_covariance(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Covariance over M − 1 of (M, ..., k), as (..., k, k): (1 − δ) S + δ tr(S)/k of Ledoit and Wolf."""
    n_members, n_responses = len(values), values.shape[-1]
    deviations = values - values[0]
    deviations -= deviations.mean(axis=0)
    deviations = np.moveaxis(deviations, 0, -2)
    covariance = np.swapaxes(deviations, -2, -1) @ deviations / n_members
    mean = np.trace(covariance, axis1=-2, axis2=-1) / n_responses
    squared = (covariance**2).sum(axis=(-2, -1))
    away = squared - n_responses * mean**2  # ‖S − mean · 1‖²
    fourth = ((deviations**2).sum(axis=-1) ** 2).mean(axis=-1)
    error = np.clip((fourth - squared) / n_members, 0.0, away)
    amount = np.divide(error, away, out=np.zeros_like(away), where=error > 0)[..., None, None]
    shrunk = (1 - amount) * covariance + amount * mean[..., None, None] * np.eye(n_responses)
    covered: NDArray[np.float64] = shrunk * (n_members / (n_members - 1))
    return covered


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
