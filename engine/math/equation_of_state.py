"""Energy against volume: the third-order equation of state of Birch, Phys. Rev. 71, 809 (1947)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import curve_fit

FloatArray = NDArray[np.float64]

GPA = 160.2176634  # 1 eV/Å³ in GPa (CODATA 2018)
NEAR = (0.90, 1.10)
"""Volumes, over that of the lowest energy, in which the third order holds."""


@dataclass(frozen=True)
class EquationOfState:
    """Parameters of a fit and their standard errors.

    Attributes
    ----------
    energy : E0 (eV)
    volume : V0 (Å³)
    bulk_modulus : B0 (GPa)
    derivative : B0′
    errors : (4,) standard errors of the four, in their units, from the covariance of the fit
    """

    energy: float
    volume: float
    bulk_modulus: float
    derivative: float
    errors: FloatArray


def birch_murnaghan(volume: ArrayLike, E0: float, V0: float, B0: float, derivative: float) -> FloatArray:
    """E0 + 9 V0 B0/16 {[(V0/V)^⅔ − 1]³ B0′ + [(V0/V)^⅔ − 1]² [6 − 4 (V0/V)^⅔]}.

    Parameters
    ----------
    volume : (n,) Å³
    E0, V0, B0, derivative : eV, Å³, eV/Å³, 1

    Returns
    -------
    (n,) eV
    """
    ratio = (V0 / np.asarray(volume, dtype=float)) ** (2 / 3)
    strain = ratio - 1
    energy: FloatArray = E0 + 9 * V0 * B0 / 16 * (strain**3 * derivative + strain**2 * (6 - 4 * ratio))
    return energy


def fit_birch_murnaghan(volume: ArrayLike, energy: ArrayLike) -> EquationOfState:
    """Least-squares fit, started from the parabola through the points.

    Parameters
    ----------
    volume : (n ≥ 5,) Å³, of one crystal, within some 10 % of the minimum
    energy : (n,) eV

    Raises
    ------
    ValueError
        if there are fewer than 5 points, they have no minimum, or no fit is found
    """
    volume, energy = np.asarray(volume, dtype=float), np.asarray(energy, dtype=float)
    if volume.shape != energy.shape or volume.ndim != 1 or len(volume) < 5:
        raise ValueError(f"a fit with errors needs 5 volumes and their energies, got {volume.shape}")
    a, b, c = np.polyfit(volume, energy, 2)
    if not a > 0:
        raise ValueError("the energies have no minimum in these volumes")
    V0 = -b / (2 * a)
    start = (c - b**2 / (4 * a), V0, 2 * a * V0, 4.0)
    try:
        found, covariance = curve_fit(
            birch_murnaghan, volume, energy, start, method="trf", x_scale=np.abs(start)
        )
    except RuntimeError as error:
        raise ValueError(f"no equation of state fits these energies: {error}") from error
    errors = np.sqrt(np.diag(covariance)) * [1, 1, GPA, 1]
    return EquationOfState(float(found[0]), float(found[1]), float(found[2] * GPA), float(found[3]), errors)


def fit_near_minimum(volume: ArrayLike, energy: ArrayLike) -> EquationOfState | None:
    """`fit_birch_murnaghan` of what lies within `NEAR` of the lowest energy; None if that has no fit.

    Parameters
    ----------
    volume : (n,) Å³
    energy : (n,) eV; NaN is left out
    """
    v, e = np.asarray(volume, dtype=float), np.asarray(energy, dtype=float)
    v, e = v[np.isfinite(e)], e[np.isfinite(e)]
    if not len(v):
        return None
    ratio = v / v[np.argmin(e)]
    near = (ratio >= NEAR[0]) & (ratio <= NEAR[1])
    try:
        return fit_birch_murnaghan(v[near], e[near])
    except ValueError:  # no minimum, or too few points about it
        return None
