"""Which proposals are the same minimum, the list of distinct ones, and the energies they are ranked by."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

SAME_ENERGY = 0.02
"""Two visits of one minimum differ by less in the universal potential's energy (eV)."""
SAME_DISTANCE = 0.005
"""… and by less in their descriptor, as a share of its length. Visits of one minimum of Ag8S4 relaxed to
0.05 eV/Å lie within 0.003 of each other, different minima beyond 0.008."""
_REACH = 1.001 * SAME_ENERGY  # in a sorted list, whose ends are rounded
_AXES = 24
_ENOUGH = 500  # minima that principal axes are fitted to
_MORE = 4
_ROOM = 1024  # founders
FloatArray: TypeAlias = NDArray[np.float64]
Read: TypeAlias = Callable[[list[int]], FloatArray]
_Known: TypeAlias = Callable[[NDArray[np.int64]], FloatArray]


class Basins:
    """Assigns each proposal to a minimum as it comes: the first one found stands for its minimum.

    The universal potential's energy is compared, because it is the one energy that all proposals have on the
    same scale; the order of arrival decides, so that an assignment never changes.

    Of each minimum only its coordinates on some orthonormal axes are kept. Two descriptors are at least as
    far apart as those are, so that only what they leave open is read (Faloutsos, Ranganathan and
    Manolopoulos, SIGMOD 1994, 419).
    """

    def __init__(self) -> None:
        self._count = 0
        self._founders = array("q")
        self._energies = array("d")  # of the founders, ascending
        self._places = array("q")  # and the place of each among them
        self._axes: FloatArray = np.empty((0, 0))
        self._fitted = 0
        # coordinates of each founder, and room for more
        self._room: NDArray[np.float32] = np.empty((0, 0), dtype=np.float32)

    def assign(self, energy: FloatArray, features: FloatArray, read: Read) -> NDArray[np.int64]:
        """Minima of the next m proposals.

        Parameters
        ----------
        energy : (m,) eV, of the universal potential
        features : (m, d)
        read : features (k, d) of k proposals of earlier calls, by their index

        Returns
        -------
        (m,) index, of all proposals so far, of the first one found in the same minimum
        """
        self._fit(features, read)
        start = self._count
        self._count += len(energy)
        found = np.arange(start, self._count)
        coordinates = features @ self._axes.T

        def known(indices: NDArray[np.int64]) -> FloatArray:
            here = indices >= start
            blocks = np.empty((len(indices), features.shape[1]))
            blocks[here] = features[indices[here] - start]
            if not here.all():
                blocks[~here] = read(indices[~here].tolist())
            return blocks

        for i, row in enumerate(coordinates):
            same = self._same(float(energy[i]), row, features[i], known)
            if same is None:
                self._add(int(found[i]), float(energy[i]), row)
            else:
                found[i] = same
        return found

    def _same(self, energy: float, row: FloatArray, features: FloatArray, known: _Known) -> int | None:
        first = bisect_left(self._energies, energy - _REACH)
        last = bisect_right(self._energies, energy + _REACH)
        same = np.abs(np.array(self._energies[first:last]) - energy) < SAME_ENERGY
        places = np.array(self._places[first:last])[same]
        if not places.size:
            return None
        reach = SAME_DISTANCE * float(np.linalg.norm(features))
        at_least = np.linalg.norm(self._room[places] - row, axis=1)
        # a little more than the reach, for the bound is rounded
        near = np.sort(places[at_least < 1.001 * reach])
        if not near.size:
            return None
        indices = np.array([self._founders[j] for j in near])
        distance = np.linalg.norm(known(indices) - features, axis=1)
        nearest = int(distance.argmin())
        return int(indices[nearest]) if distance[nearest] < reach else None

    def _add(self, index: int, energy: float, row: FloatArray) -> None:
        place = len(self._founders)
        if place == len(self._room):
            room = np.empty((max(_ROOM, 2 * place), len(row)), dtype=np.float32)
            room[:place] = self._room
            self._room = room
        self._room[place] = row
        at = bisect_right(self._energies, energy)
        self._energies.insert(at, energy)
        self._places.insert(at, place)
        self._founders.append(index)

    def _fit(self, features: FloatArray, read: Read) -> None:
        """Take the principal axes of what is known, and again while it has grown much and is little."""
        n = len(self._founders)
        if n and (n < _MORE * self._fitted or self._fitted >= _ENOUGH):
            return
        sample = read(self._founders.tolist()) if n else features
        centred = sample[:_ENOUGH] - sample[:_ENOUGH].mean(axis=0)
        self._axes = np.linalg.svd(centred, full_matrices=False)[2][:_AXES]
        self._fitted = len(centred)
        self._room = (sample[:n] @ self._axes.T).astype(np.float32)


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
