"""How far forces are from harmonic: F_harm = −Φ (R − R₀), σᴬ = std(F − F_harm) / std(F).

Knoop, Purcell, Scheffler, Carbogno, Phys. Rev. Materials 4, 083809 (2020): 0 for a harmonic crystal, near 1
where the harmonic picture says nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def harmonic_forces(force_constants: ArrayLike, displacements: ArrayLike) -> FloatArray:
    """Forces of a harmonic crystal.

    Parameters
    ----------
    force_constants : (n, n, 3, 3) eV/Å², the second derivatives of the energy
    displacements : (..., n, 3) Å, from the sites

    Returns
    -------
    (..., n, 3) eV/Å

    Raises
    ------
    ValueError
        if the shapes do not fit
    """
    phi, away = np.asarray(force_constants, dtype=float), np.asarray(displacements, dtype=float)
    n = len(phi)
    if phi.shape != (n, n, 3, 3) or away.shape[-2:] != (n, 3):
        raise ValueError(
            f"force constants are (n, n, 3, 3) and displacements (..., n, 3), got {phi.shape}, {away.shape}"
        )
    matrix = phi.transpose(0, 2, 1, 3).reshape(3 * n, 3 * n)
    flat = away.reshape(*away.shape[:-2], 3 * n)
    return np.asarray(-(flat @ matrix.T)).reshape(away.shape)


def anharmonicity(forces: ArrayLike, harmonic: ArrayLike) -> FloatArray:
    """σᴬ of each frame, the standard deviations over its atoms and x, y, z.

    Parameters
    ----------
    forces, harmonic : (..., n, 3) eV/Å

    Returns
    -------
    (...), NaN where no atom feels a force
    """
    return _ratio(forces, harmonic, (-2, -1))


def anharmonicity_of_atoms(forces: ArrayLike, harmonic: ArrayLike) -> FloatArray:
    """σᴬ of each atom, the standard deviations over frames and x, y, z.

    Parameters
    ----------
    forces, harmonic : (n_frames, n, 3) eV/Å

    Returns
    -------
    (n,), NaN for an atom that never feels a force
    """
    return _ratio(forces, harmonic, (0, 2))


def _ratio(forces: ArrayLike, harmonic: ArrayLike, axes: tuple[int, int]) -> FloatArray:
    forces = np.asarray(forces, dtype=float)
    beyond, spread = (forces - np.asarray(harmonic, dtype=float)).std(axis=axes), forces.std(axis=axes)
    return np.asarray(np.divide(beyond, spread, out=np.full(np.shape(spread), np.nan), where=spread > 0))
