"""Replica exchange: the ladder of temperatures, and the probability of a swap.

Swendsen & Wang, Phys. Rev. Lett. 57, 2607 (1986); Earl & Deem, Phys. Chem. Chem. Phys. 7, 3910 (2005).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def geometric_ladder(lowest: float, highest: float, n: int) -> FloatArray:
    """`n` numbers from `lowest` to `highest` with a constant ratio; one alone is the lowest."""
    return np.geomspace(lowest, highest, n, dtype=float)


def swap_probability(kT_i: float, kT_j: float, E_i: float, E_j: float) -> float:
    """min(1, exp[(1/kT_i − 1/kT_j)(E_i − E_j)]): it leaves exp(−E_i/kT_i − E_j/kT_j) invariant.

    Parameters
    ----------
    kT_i, kT_j : temperatures of two walkers (eV)
    E_i, E_j : their energies (eV)
    """
    exponent = (1 / kT_i - 1 / kT_j) * (E_i - E_j)
    return float(np.exp(min(0.0, exponent)))


def swap_neighbours(energy: FloatArray, kT: FloatArray, rng: np.random.Generator) -> NDArray[np.int64]:
    """Attempt to swap each pair of neighbours once, the coldest pair first.

    Parameters
    ----------
    energy : (n,) of the walkers (eV)
    kT : (n,) rising temperatures (eV)
    rng : one draw a pair, whether it is needed or not

    Returns
    -------
    (n,) which walker stands at each temperature afterwards
    """
    order = np.arange(len(energy))
    draws = rng.random(max(len(energy) - 1, 0))
    for i, draw in enumerate(draws):
        j = i + 1
        if draw < swap_probability(kT[i], kT[j], energy[order[i]], energy[order[j]]):
            order[[i, j]] = order[[j, i]]
    return order


def adapted(amplitude: float, recent: list[bool], bounds: tuple[float, float] = (0.01, 5.0)) -> float:
    """Amplitude (Å) × 1.01 if more than half of the `recent` moves were accepted, else × 0.99."""
    factor = 1.01 if sum(recent) > len(recent) / 2 else 0.99
    return min(max(amplitude * factor, bounds[0]), bounds[1])
