"""Symmetry functions as curves, to be drawn over the distances and angles that data hold.

Behler, J. Chem. Phys. 134, 074106 (2011); the features themselves are those of `engine.descriptors.acsf`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def cosine_cutoff(r: ArrayLike, r_cut: float) -> FloatArray:
    """f_c(r) = ½ [cos(π r / R_c) + 1], 0 from R_c on.

    Parameters
    ----------
    r : (...) Å
    r_cut : Å

    Raises
    ------
    ValueError
        if the cutoff is not positive
    """
    if not r_cut > 0:
        raise ValueError(f"a cutoff must be positive, got {r_cut}")
    r = np.asarray(r, dtype=float)
    return np.where(r < r_cut, 0.5 * (np.cos(np.pi * r / r_cut) + 1), 0.0)


def radial_curve(r: ArrayLike, eta: float, shift: float, *, r_cut: float) -> FloatArray:
    """What one neighbour at `r` adds to a G2: exp(−η (r − R_s)²) f_c(r).

    Parameters
    ----------
    r : (n,) Å
    eta, shift : η (1/Å²) and R_s (Å)
    r_cut : Å
    """
    r = np.asarray(r, dtype=float)
    curve: FloatArray = np.exp(-eta * (r - shift) ** 2) * cosine_cutoff(r, r_cut)
    return curve


def angular_curve(
    theta: ArrayLike, eta: float, zeta: float, sign: float, *, r_cut: float, leg: float
) -> FloatArray:
    """What two neighbours, both at `leg` and at an angle `theta`, add to a G4.

    2^(1−ζ) (1 + λ cos θ)^ζ exp(−η (r_ij² + r_ik² + r_jk²)) f_c(r_ij) f_c(r_ik) f_c(r_jk), with
    r_ij = r_ik = `leg` and r_jk = 2 `leg` sin(θ/2).

    Parameters
    ----------
    theta : (n,) degrees, 0 to 180
    eta, zeta, sign : η (1/Å²), ζ and λ
    r_cut, leg : Å
    """
    angles = np.radians(np.asarray(theta, dtype=float))
    third = 2 * leg * np.sin(angles / 2)
    angle = 2 ** (1 - zeta) * np.maximum(1 + sign * np.cos(angles), 0.0) ** zeta
    cut = cosine_cutoff(leg, r_cut) ** 2 * cosine_cutoff(third, r_cut)
    curve: FloatArray = angle * np.exp(-eta * (2 * leg**2 + third**2)) * cut
    return curve
