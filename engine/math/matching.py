"""Which atom of one structure is which of another, and how far each one lies from it.

Assignment and alignment in turns: Kuhn, Naval Res. Logist. Q. 2, 83 (1955); Kabsch, Acta Cryst. A32, 922
(1976); Besl, McKay, IEEE PAMI 14, 239 (1992).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist
from scipy.spatial.transform import Rotation

from engine.math.states import aligned

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ROUNDS = 30
"""Most turns of assignment and alignment; some five are needed."""
REFINED = 8
"""First orientations, of 48, that are refined."""
SAME = 1e-6
"""By so much a mirror image must lie better (Å): a planar cluster is its own."""
NEIGHBOURS = 24
"""Nearest distances that tell one atom from another whatever the orientation."""


@dataclass(frozen=True, eq=False)
class Match:
    """Two structures of the same atoms, matched.

    Attributes
    ----------
    order : (n,) atom of the other structure that is each atom of this one
    placed : (n, 3) Å, the other structure's atoms in that order, laid onto this one
    displacements : (n, 3) Å, from there to the atoms of this one
    mirrored : whether a mirror image lies on it better than what only turned
    """

    order: IntArray
    placed: FloatArray
    displacements: FloatArray
    mirrored: bool = False

    @property
    def distances(self) -> FloatArray:
        """How far each atom is from its own, (n,) Å."""
        found: FloatArray = np.linalg.norm(self.displacements, axis=1)
        return found

    @property
    def rmsd(self) -> float:
        """Root of the mean squared distance (Å)."""
        return float(np.sqrt((self.displacements**2).sum(axis=1).mean()))


def match_atoms(
    positions: ArrayLike, numbers: ArrayLike, other: ArrayLike, other_numbers: ArrayLike
) -> Match:
    """Match the atoms of two clusters, which may be turned, shifted, reordered and mirrored.

    The smallest RMSD that is found from 48 orientations of the principal axes, and from the distances of each
    atom to its neighbours; no proof that there is no smaller one. Of equals the one that is not mirrored.

    Parameters
    ----------
    positions, other : (n, 3) Å
    numbers, other_numbers : (n,) atomic numbers

    Raises
    ------
    ValueError
        if the structures have no atoms, or not the same
    """
    here, there, kinds, other_kinds = _same_atoms(positions, numbers, other, other_numbers)
    middle = here.mean(axis=0)
    here, there = here - middle, there - there.mean(axis=0)
    found = [
        _refined(here, kinds, image, order, mirrored=mirrored)
        for mirrored, image in ((False, there), (True, there * [1.0, 1.0, -1.0]))
        for order in _first_orders(here, kinds, image, other_kinds)
    ]
    best = min(found, key=lambda match: match.rmsd + SAME * match.mirrored)
    return Match(best.order, best.placed + middle, best.displacements, best.mirrored)


def match_periodic(
    positions: ArrayLike,
    numbers: ArrayLike,
    other: ArrayLike,
    other_numbers: ArrayLike,
    *,
    cell: ArrayLike,
    pbc: ArrayLike,
) -> Match:
    """Match the atoms of two structures in one cell: the nearest images, nothing turned.

    What is periodic in all directions has no origin: there the mean displacement is taken out.

    Parameters
    ----------
    positions, other : (n, 3) Å
    numbers, other_numbers : (n,) atomic numbers
    cell : (3, 3) Å, vectors in rows
    pbc : (3,) directions in which it repeats

    Raises
    ------
    ValueError
        if the structures have no atoms, or not the same
    """
    here, there, kinds, other_kinds = _same_atoms(positions, numbers, other, other_numbers)
    periodic = np.asarray(pbc, dtype=bool)
    vectors = np.asarray(cell, dtype=float)[periodic]
    order, shift = np.arange(len(here)), np.zeros(3)
    for turn in range(ROUNDS):
        away = _nearest_image(here[:, None] - there[None] - shift, vectors)
        found = _assigned((away**2).sum(axis=-1), kinds, other_kinds)
        if turn and (found == order).all():
            break
        order = found
        if periodic.all():
            shift = shift + away[np.arange(len(here)), order].mean(axis=0)
    displacements = _shortest(here - there[order] - shift, vectors)
    if periodic.all():
        displacements -= displacements.mean(axis=0)
    return Match(order, here - displacements, displacements)


def _same_atoms(
    positions: ArrayLike, numbers: ArrayLike, other: ArrayLike, other_numbers: ArrayLike
) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    kinds, other_kinds = np.asarray(numbers, dtype=np.int64), np.asarray(other_numbers, dtype=np.int64)
    if not len(kinds) or not np.array_equal(np.sort(kinds), np.sort(other_kinds)):
        raise ValueError(f"atoms can be matched of one composition, got {len(kinds)} and {len(other_kinds)}")
    return np.asarray(positions, dtype=float), np.asarray(other, dtype=float), kinds, other_kinds


def _first_orders(
    here: FloatArray, kinds: IntArray, there: FloatArray, other_kinds: IntArray
) -> list[IntArray]:
    """Assignments to begin with: by each atom's neighbours, and by the principal axes."""
    surroundings = _surroundings(here, kinds), _surroundings(there, other_kinds)
    orders = [_assigned(cdist(*surroundings, "sqeuclidean"), kinds, other_kinds)]
    onto, axes = _principal_axes(here), _principal_axes(there)
    starts = [there @ axes @ turn @ onto.T for turn in Rotation.create_group("O").as_matrix()]
    trees = [(KDTree(here[kinds == kind]), other_kinds == kind) for kind in np.unique(kinds)]
    apart = [sum(float((tree.query(start[of])[0] ** 2).sum()) for tree, of in trees) for start in starts]
    best = np.argsort(apart)[: REFINED // 2]
    return orders + [_assigned(cdist(here, starts[k], "sqeuclidean"), kinds, other_kinds) for k in best]


def _refined(
    here: FloatArray, kinds: IntArray, there: FloatArray, order: IntArray, *, mirrored: bool
) -> Match:
    """Align, assign again, until nothing changes."""
    for _ in range(ROUNDS):
        placed = aligned(there[order], here)
        again = _assigned(cdist(here, placed, "sqeuclidean"), kinds, kinds)
        if (again == np.arange(len(order))).all():
            break
        order = order[again]
    placed = aligned(there[order], here)
    return Match(order, placed, here - placed, mirrored)


def _assigned(cost: FloatArray, kinds: IntArray, other_kinds: IntArray) -> IntArray:
    """The cheapest partner of the same element for each atom, (n,)."""
    order = np.empty(len(kinds), dtype=np.int64)
    for kind in np.unique(kinds):
        rows, columns = np.flatnonzero(kinds == kind), np.flatnonzero(other_kinds == kind)
        order[rows] = columns[linear_sum_assignment(cost[np.ix_(rows, columns)])[1]]
    return order


def _surroundings(positions: FloatArray, kinds: IntArray) -> FloatArray:
    """Sorted distances of each atom to the nearest ones of each element, (n, k)."""
    distances = cdist(positions, positions)
    return np.hstack(
        [np.sort(distances[:, kinds == kind], axis=1)[:, :NEIGHBOURS] for kind in np.unique(kinds)]
    )


def _principal_axes(centred: FloatArray) -> FloatArray:
    """Of inertia, in columns; a proper rotation."""
    axes: FloatArray = np.linalg.eigh(centred.T @ centred)[1]
    axes[:, 2] = np.cross(axes[:, 0], axes[:, 1])
    return axes


def _nearest_image(away: FloatArray, vectors: FloatArray) -> FloatArray:
    """Differences (…, 3) to the nearest image: right up to half the height of the cell."""
    if not len(vectors):
        return away
    nearest: FloatArray = away - np.round(away @ np.linalg.pinv(vectors)) @ vectors
    return nearest


def _shortest(away: FloatArray, vectors: FloatArray) -> FloatArray:
    """The same for (n, 3), in skewed cells too: the shortest of all images around."""
    near = _nearest_image(away, vectors)
    steps = np.array(list(product((0, -1, 1), repeat=len(vectors))), dtype=float)
    images = near[:, None] + (steps @ vectors)[None]
    shortest: FloatArray = images[np.arange(len(near)), (images**2).sum(axis=-1).argmin(axis=1)]
    return shortest
