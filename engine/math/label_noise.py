"""The label-noise ensemble: one factorisation, several right-hand sides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOCAL_NOISE = 0.1  # eV per √atom, drawn for each structure and member
GLOBAL_NOISE = 0.01  # eV per atom, drawn for each member


def label_noise_targets(
    targets: NDArray[np.float64], n_atoms: NDArray[np.int64], members: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Noisy copies of the targets, y_m = y + 0.1 √N ξ_ms + 0.01 N η_m with normal ξ and η.

    Pitfield, Christiansen, Hammer, PCCP 2026 (arXiv 2507.18485).

    Parameters
    ----------
    targets : (n,) eV
    n_atoms : (n,) atoms N of each structure
    members : M, ensemble size
    rng : source of ξ and η

    Returns
    -------
    (M, n) eV
    """
    xi = rng.standard_normal((members, len(targets)))
    eta = rng.standard_normal((members, 1))
    noisy: NDArray[np.float64] = targets + LOCAL_NOISE * np.sqrt(n_atoms) * xi + GLOBAL_NOISE * n_atoms * eta
    return noisy
