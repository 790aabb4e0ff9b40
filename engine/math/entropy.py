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
    # the server takes the other entropies from here, and scikit-learn would cost it 50 MB and a second
    from sklearn.covariance import ledoit_wolf

    scale = np.asarray(scale, dtype=float)
    values = np.asarray(values, dtype=float)
    if values.ndim < 2 or len(values) < 2:
        raise ValueError(f"a joint entropy needs (M ≥ 2, ..., k) responses, got the shape {values.shape}")
    if not (scale > 0).all():
        raise ValueError(f"scale must be positive, got {scale.tolist()}")
    n_members, n_responses = len(values), values.shape[-1]
    points = np.moveaxis((values / scale).reshape(n_members, -1, n_responses), 1, 0)
    covariances = np.array([ledoit_wolf(point)[0] for point in points]) * (n_members / (n_members - 1))
    eigenvalues = np.maximum(np.linalg.eigvalsh(covariances), _VARIANCE_FLOOR)
    entropy: NDArray[np.float64] = 0.5 * np.log(2 * np.pi * np.e * eigenvalues).sum(axis=-1)
    return entropy.reshape(values.shape[1:-1])


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
