"""Strain, stress and elastic constants.

Voigt's order is xx yy zz yz xz xy; a shear strain counts twice (γ = 2ε), a shear stress once. Nye, Physical
Properties of Crystals (Oxford, 1957).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

AMPLITUDES = (0.005, 0.01, 0.02, 0.03, 0.04)
_FIRST, _SECOND = (0, 1, 2, 1, 0, 0), (0, 1, 2, 2, 2, 1)  # tensor indices in Voigt's order
_TWICE = np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0])

CUBIC = {"C11": (11, 22, 33), "C12": (12, 13, 23), "C44": (44, 55, 66)}
HEXAGONAL = {"C11": (11, 22), "C12": (12,), "C13": (13, 23), "C33": (33,), "C44": (44, 55), "C66": (66,)}
TRICLINIC = {f"C{i}{j}": (10 * i + j,) for i in range(1, 7) for j in range(i, 7)}
"""Which C_ij of a crystal with its axes along x, y, z are equal by symmetry: their mean bears the name."""


@dataclass(frozen=True)
class ElasticConstants:
    """C_ij of a fit.

    Attributes
    ----------
    matrix : (..., 6, 6) symmetric, in the unit of the stress
    errors : (..., 6, 6) their standard errors, from the residuals: what is not linear counts, too
    residual : (...) root mean square of what the fit leaves of the stress
    """

    matrix: FloatArray
    errors: FloatArray
    residual: FloatArray


def strain_tensor(voigt: ArrayLike) -> FloatArray:
    """Symmetric tensors (..., 3, 3) of strains (..., 6)."""
    halved = np.asarray(voigt, dtype=float) / _TWICE
    tensor = np.empty((*halved.shape[:-1], 3, 3))
    tensor[..., _FIRST, _SECOND] = halved
    tensor[..., _SECOND, _FIRST] = halved
    return tensor


def voigt_strain(tensor: ArrayLike) -> FloatArray:
    """Inverse of `strain_tensor`; of a tensor that is not symmetric, its symmetric part."""
    tensor = np.asarray(tensor, dtype=float)
    halved = (tensor[..., _FIRST, _SECOND] + tensor[..., _SECOND, _FIRST]) / 2
    voigt: FloatArray = halved * _TWICE
    return voigt


def strains(amplitudes: Sequence[float] = AMPLITUDES) -> FloatArray:
    """Each of the six strains alone, by minus and plus each amplitude: (12 · n, 6) in Voigt's order."""
    steps = np.array([sign * amplitude for amplitude in amplitudes for sign in (-1.0, 1.0)])
    series: FloatArray = (steps[:, None, None] * np.eye(6)).reshape(-1, 6)
    return series


def elastic_constants(strain: ArrayLike, stress: ArrayLike) -> ElasticConstants:
    """Fit σ = σ₀ + C ε by least squares and symmetrise C.

    Strains that come with both signs leave no error of second order; those up to 1 % leave little of the
    third.

    Parameters
    ----------
    strain : (n, 6) Voigt strains that span all six
    stress : (..., n, 6) tension positive, in any unit; leading axes are fitted one by one

    Raises
    ------
    ValueError
        if the shapes do not fit, or the strains do not tell all constants
    """
    strain, stress = np.asarray(strain, dtype=float), np.asarray(stress, dtype=float)
    if strain.ndim != 2 or strain.shape[1:] != (6,) or stress.shape[-2:] != strain.shape:
        raise ValueError(f"strains {strain.shape} and stresses {stress.shape} do not fit: both end in (n, 6)")
    design = np.concatenate([strain, np.ones((len(strain), 1))], axis=1)
    spare = len(design) - design.shape[1]
    if np.linalg.matrix_rank(design) < 7 or spare < 1:
        raise ValueError(
            f"{len(strain)} strains do not tell all elastic constants: strain all six by ± an amount"
        )
    inverse = np.linalg.pinv(design)
    slopes = inverse @ stress  # (..., 7, 6): the last row is the stress without strain
    left = stress - design @ slopes
    scatter = (left**2).sum(axis=-2) / spare  # variance of each stress component, (..., 6)
    variance = (inverse**2).sum(axis=1)[:6]  # of each slope, for stresses of variance 1
    covariance = scatter[..., :, None] * variance
    matrix = np.swapaxes(slopes[..., :6, :], -1, -2)
    both = covariance + np.swapaxes(covariance, -1, -2)
    diagonal = np.eye(6, dtype=bool)
    errors = np.where(diagonal, np.sqrt(covariance), np.sqrt(both) / 2)
    symmetric = (matrix + np.swapaxes(matrix, -1, -2)) / 2
    return ElasticConstants(symmetric, errors, np.sqrt((left**2).mean(axis=(-2, -1))))


def averaged(matrix: ArrayLike, equal: Mapping[str, tuple[int, ...]]) -> dict[str, FloatArray]:
    """Mean of the C_ij that are equal by symmetry, each (...), of `matrix` (..., 6, 6); e.g. `CUBIC`."""
    matrix = np.asarray(matrix, dtype=float)
    means = {}
    for name, places in equal.items():
        same = [matrix[..., place // 10 - 1, place % 10 - 1] for place in places]
        means[name] = np.mean(same, axis=0)
    return means


def voigt_reuss_hill(matrix: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Bulk and shear modulus of a polycrystal: the mean of Voigt's and Reuss's bounds.

    Hill, Proc. Phys. Soc. A 65, 349 (1952).

    Parameters
    ----------
    matrix : (..., 6, 6)

    Returns
    -------
    (...) bulk modulus and (...) shear modulus, in the unit of `matrix`
    """
    stiff = np.asarray(matrix, dtype=float)
    soft = np.linalg.inv(stiff)
    bulk = (_block(stiff) / 9 + 1 / _block(soft)) / 2
    shear_voigt = (_trace(stiff) - (_block(stiff) - _trace(stiff)) / 2 + 3 * _shears(stiff)) / 15
    shear_reuss = 15 / (4 * _trace(soft) - 2 * (_block(soft) - _trace(soft)) + 3 * _shears(soft))
    return bulk, (shear_voigt + shear_reuss) / 2


def _block(matrix: FloatArray) -> FloatArray:
    total: FloatArray = matrix[..., :3, :3].sum(axis=(-2, -1))
    return total


def _trace(matrix: FloatArray) -> FloatArray:
    total: FloatArray = np.trace(matrix[..., :3, :3], axis1=-2, axis2=-1)
    return total


def _shears(matrix: FloatArray) -> FloatArray:
    total: FloatArray = np.trace(matrix[..., 3:, 3:], axis1=-2, axis2=-1)
    return total
