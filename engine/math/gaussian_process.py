"""Sparse Gaussian-process regression in the whitened space of the inducing points.

Pitfield, Christiansen, Hammer, PCCP 2026 (arXiv 2507.18485). The equations
[K_mm + K_smᵀ S⁻¹ K_sm] α = K_smᵀ S⁻¹ y have eigenvalues up to 4e8 when minima are nearly equal; with
K_mm = L Lᵀ over the points that are independent in double precision, features Φ = K_sm L^−ᵀ and weights w
they become (I + Φᵀ S⁻¹ Φ) w = Φᵀ S⁻¹ y, which a Cholesky factor in double precision solves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.linalg.lapack import dpstrf

FloatArray = NDArray[np.float64]

PIVOT_CUTOFF = 1e-10  # of a point's variance: what is less is rounding
_BLOCK = 10  # structures whose kernel fits the cache


def squared_exponential(a: FloatArray, b: FloatArray, amplitude: float, length_scale: float) -> FloatArray:
    """Kernel A exp(−|a − b|² / 2l²).

    Parameters
    ----------
    a, b : (n, d), (m, d) features
    amplitude : A, the variance (eV²)
    length_scale : l, in the unit of the features

    Returns
    -------
    (n, m) eV²
    """
    origin = b.mean(axis=0)  # distances of features far from zero lose digits
    a, b = (a - origin) / length_scale, (b - origin) / length_scale
    exponent = a @ b.T
    exponent -= 0.5 * np.einsum("nd,nd->n", a, a)[:, None]
    exponent -= 0.5 * np.einsum("md,md->m", b, b)
    np.exp(np.minimum(exponent, 0.0, out=exponent), out=exponent)
    exponent *= amplitude
    return exponent


def summed_kernel(
    features: FloatArray,
    n_atoms: NDArray[np.int64],
    points: FloatArray,
    amplitude: float,
    length_scale: float,
) -> FloatArray:
    """Kernel between structures, as sums over their atoms, and points: L K_nm.

    Parameters
    ----------
    features : (Σ n_atoms, d) of all structures' atoms, one after the other
    n_atoms : (n,) atoms of each structure, none of them 0
    points : (m, d)
    amplitude, length_scale : of `squared_exponential`

    Returns
    -------
    (n, m) eV²
    """
    edges = np.concatenate([[0], np.cumsum(n_atoms)])
    summed = np.empty((len(n_atoms), len(points)))
    for first in range(0, len(n_atoms), _BLOCK):
        block = edges[first : first + _BLOCK + 1]
        kernel = squared_exponential(features[block[0] : block[-1]], points, amplitude, length_scale)
        summed[first : first + _BLOCK] = np.add.reduceat(kernel, block[:-1] - block[0], axis=0)
    return summed


def whitening(kernel: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """Points whose kernel is well conditioned, and L^−ᵀ of their kernel LLᵀ.

    A Cholesky factorisation with pivots takes the point to which the ones before leave the largest variance,
    until that is 1e-10 of its own: what the other points could add is rounding. Harbrecht, Peters and
    Schneider, Appl. Numer. Math. 62, 428 (2012).

    Parameters
    ----------
    kernel : (m, m) K_mm

    Returns
    -------
    points : (r,) indices in the order of choice, r ≤ m
    whitening : (r, r) L^−ᵀ
    """
    factor, order, rank, _ = dpstrf(kernel, tol=PIVOT_CUTOFF * kernel.diagonal().max(), lower=1)
    lower = np.tril(factor[:rank, :rank])
    whitened: FloatArray = solve_triangular(lower, np.eye(rank), lower=True).T
    return order[:rank].astype(np.int64) - 1, whitened


def force_rows(
    features: FloatArray, gradient: FloatArray, points: FloatArray, amplitude: float, length_scale: float
) -> FloatArray:
    """Kernel between the forces of one structure and points: −∂(L K_nm)/∂r, the rows of forces as data.

    −Σ_i ∂k(x_i, z)/∂r = −Σ_i k(x_i, z) dx_i/dr · (z − x_i) / l²

    Parameters
    ----------
    features : (n_atoms, d) x_i
    gradient : (n_atoms, n_atoms, 3, d) dx_i/dr_j (1/Å)
    points : (m, d) z
    amplitude, length_scale : of `squared_exponential`

    Returns
    -------
    (3 n_atoms, m) eV²/Å, the coordinates of one atom after another
    """
    n_atoms, d = features.shape
    kernel = squared_exponential(features, points, amplitude, length_scale) / length_scale**2
    moved = gradient.reshape(n_atoms, 3 * n_atoms, d)
    rows = np.zeros((3 * n_atoms, len(points)))
    for i in range(n_atoms):
        slope = moved[i] @ (features[i] - points).T
        slope *= kernel[i]
        rows += slope
    return rows


def factorise(normal: FloatArray) -> FloatArray:
    """Lower Cholesky factor C of I + Φᵀ S⁻¹ Φ.

    Parameters
    ----------
    normal : (r, r) Φᵀ S⁻¹ Φ, a sum over targets

    Returns
    -------
    (r, r)
    """
    matrix = normal.copy()
    matrix[np.diag_indices_from(matrix)] += 1.0
    factor: FloatArray = cholesky(matrix, lower=True, overwrite_a=True)
    return factor


def solve(factor: FloatArray, right: FloatArray) -> FloatArray:
    """Weights w of (I + Φᵀ S⁻¹ Φ) w = Φᵀ S⁻¹ y.

    Parameters
    ----------
    factor : (r, r) from `factorise`
    right : (r,) Φᵀ S⁻¹ y, or (r, k) for k right-hand sides

    Returns
    -------
    (r,) or (r, k)
    """
    weights: FloatArray = cho_solve((factor, True), right)
    return weights


def variance(prior: FloatArray, phi: FloatArray, left: FloatArray) -> FloatArray:
    """Posterior variance k − |φ|² + |C⁻¹φ|², floored at 0.

    Parameters
    ----------
    prior : (n,) variance k before any data
    phi : (n, r) whitened features φ
    left : (n, r) C⁻¹φ, with C from `factorise`: what the data leave of them

    Returns
    -------
    (n,)
    """
    known = np.einsum("nr,nr->n", phi, phi) - np.einsum("nr,nr->n", left, left)
    floored: FloatArray = np.maximum(prior - known, 0.0)
    return floored


def std_weights(
    std: FloatArray, phi: FloatArray, left: FloatArray, maps: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """Derivatives of standard deviations with respect to the kernel values that φ and C⁻¹φ were made from.

    σ² = k_ss − |φ|² + |ℓ|² with φ = k · U Λ^−½ and ℓ = k · `left map`: dσ = (ℓ · dℓ − φ · dφ) / σ.

    Parameters
    ----------
    std : (n,) σ (eV)
    phi, left : (n, r) φ and ℓ
    maps : (m, r) each, from kernel values to φ and to ℓ

    Returns
    -------
    (n, m) 1/eV, zero where the variance is at its floor of 0
    """
    whitened, open_ = maps
    certain = std == 0
    weights: FloatArray = (left @ open_.T - phi @ whitened.T) / np.where(certain, 1.0, std)[:, None]
    weights[certain] = 0.0
    return weights


def kernel_slope(
    features: FloatArray, points: FloatArray, weighted: FloatArray, length_scale: float
) -> FloatArray:
    """Derivatives Σ_m w_im dk(x_i, x_m)/dx_i of weighted sums of squared exponentials.

    Parameters
    ----------
    features : (n, d) x_i
    points : (m, d) x_m
    weighted : (n, m) w_im k(x_i, x_m)
    length_scale : in the unit of the features

    Returns
    -------
    (n, d)
    """
    slope: FloatArray = weighted @ points - weighted.sum(axis=1, keepdims=True) * features
    slope /= length_scale**2
    return slope
