"""Which proposals are the same minimum, the list of distinct ones, and the energies they are ranked by."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

SAME_ENERGY = 0.02
"""Two visits of one minimum differ by less in the universal potential's energy (eV)."""
SAME_DISTANCE = 0.005
"""… and by less in their descriptor, as a share of its length. Visits of one minimum of Ag8S4 relaxed to
0.05 eV/Å lie within 0.003 of each other, different minima beyond 0.008."""
FloatArray: TypeAlias = NDArray[np.float64]


class Basins:
    """Assigns each proposal to a minimum as it comes: the first one found stands for its minimum.

    The universal potential's energy is compared, because it is the one energy that all proposals have on the
    same scale; the order of arrival decides, so that an assignment never changes.
    """

    def __init__(self) -> None:
        self._founders: dict[int, list[int]] = defaultdict(list)

    def assign(self, energy: FloatArray, features: NDArray[Any], start: int) -> NDArray[np.int64]:
        """Minima of the proposals from `start` on.

        Parameters
        ----------
        energy : (n,) eV, of the universal potential
        features : (n, d) of all proposals so far

        Returns
        -------
        (n - start,) index of the first proposal found in the same minimum
        """
        found = np.arange(start, len(energy))
        for i in range(start, len(energy)):
            cell = int(np.floor(energy[i] / SAME_ENERGY))
            near = [j for k in (cell - 1, cell, cell + 1) for j in self._founders.get(k, ())]
            same = _same(i, np.array(near, dtype=np.int64), energy, features)
            if same is None:
                self._founders[cell].append(i)
            else:
                found[i - start] = same
        return found


def _same(i: int, near: NDArray[np.int64], energy: FloatArray, features: NDArray[Any]) -> int | None:
    near = near[np.abs(energy[near] - energy[i]) < SAME_ENERGY]
    if not near.size:
        return None
    distance = np.linalg.norm(features[near] - features[i], axis=1)
    nearest = int(distance.argmin())
    length = float(np.linalg.norm(features[i]))
    return int(near[nearest]) if distance[nearest] < SAME_DISTANCE * length else None


@dataclass(frozen=True)
class Minimum:
    """A distinct minimum: the proposal of lowest energy in it, and how often it was found."""

    index: int
    visits: int


def lowest(energy: FloatArray, basin: NDArray[np.int64], count: int) -> tuple[list[Minimum], int]:
    """The `count` distinct minima of lowest energy, and how many there are.

    Parameters
    ----------
    energy : (n,) eV, best known of each proposal
    basin : (n,) minimum that each belongs to
    """
    order = np.lexsort((np.arange(len(energy)), energy))
    _, first, visits = np.unique(basin[order], return_index=True, return_counts=True)
    ranked = np.argsort(first, kind="stable")
    minima = [Minimum(int(order[first[k]]), int(visits[k])) for k in ranked[:count]]
    return minima, len(first)


def best_energy(base: FloatArray, score: FloatArray, label: FloatArray) -> tuple[FloatArray, float]:
    """The best known energy of each proposal: label, else corrected energy, else the shifted uMLIP's.

    The universal potential counts from a zero of its own: until a proposal has a corrected energy, its
    energy is shifted by the median of label − uMLIP, the constant with the least mean absolute error.

    Parameters
    ----------
    base, score, label : (n,) eV; score and label nan where there is none

    Returns
    -------
    energy : (n,) eV
    shift : eV; from the scores where there is no label, 0 where there is neither
    """
    for known in (label, score):
        offsets = (known - base)[np.isfinite(known)]
        if offsets.size:
            shift = float(np.median(offsets))
            break
    else:
        shift = 0.0
    surrogate = np.where(np.isfinite(score), score, base + shift)
    return np.where(np.isfinite(label), label, surrogate), shift
