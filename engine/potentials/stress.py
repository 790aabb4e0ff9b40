"""Stress from a virial."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms

from engine.protocols import FloatArray


def has_whole_cell(structure: Atoms) -> bool:
    """Whether it is periodic along three vectors, so that a stress is defined."""
    return bool(structure.pbc.all()) and structure.cell.rank == 3


def voigt_stress(virial: FloatArray, structures: Sequence[Atoms]) -> FloatArray:
    """dE/dε / V in Voigt's order xx yy zz yz xz xy, tension positive.

    Parameters
    ----------
    virial : (..., n, 3, 3) dE/dε (eV)
    structures : n, of which those without a whole cell have NaN

    Returns
    -------
    (..., n, 6) eV/Å³
    """
    volumes = [s.cell.volume if has_whole_cell(s) else np.nan for s in structures]
    full = 0.5 * (virial + np.swapaxes(virial, -1, -2)) / np.array(volumes)[:, None, None]
    stress: FloatArray = full[..., [0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
    return stress
