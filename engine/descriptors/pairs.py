"""Neighbours of atoms, periodic images among them.

A neighbour that is an image moves with its home atom: pairs name the home atom and carry the vector to the
image, so that derivatives by pairs' vectors come home by one sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from engine.errors import StructureError
from engine.protocols import FloatArray

_TOGETHER = 8000  # pairs, whose arrays are in the cache together

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Centers with all their neighbours.

    Attributes
    ----------
    center, neighbour : (n_pairs,) atoms, those of all structures numbered through; a center is its own
        neighbour, at zero
    vectors : (3, n_pairs) Å, from the center to the neighbour or its image
    """

    center: IntArray
    neighbour: IntArray
    vectors: FloatArray


def neighbours(structures: Sequence[Atoms], reach: float, kinds: IntArray) -> Iterator[Pairs]:
    """Pairs nearer than `reach`, in parts of whole centers.

    They are sorted by center, then by the neighbour's kind, then by the neighbour.

    Parameters
    ----------
    structures : periodic along none to three of their cell's vectors
    reach : Å
    kinds : (n_atoms,) of all structures' atoms

    Raises
    ------
    StructureError
        if a structure is periodic along a vector that its cell does not have
    """
    first = 0
    for alike in _alike(structures):
        stop = first + len(alike) * len(alike[0])
        order = np.argsort(kinds[first:stop].reshape(len(alike), -1), axis=1, kind="stable")
        for part in _pairs(alike, reach, order):
            yield Pairs(part.center + first, part.neighbour + first, part.vectors)
        first = stop


def all_pairs(structures: Sequence[Atoms], reach: float) -> Pairs:
    """All parts of `neighbours` in one, atoms of one kind."""
    kinds = np.zeros(sum(len(structure) for structure in structures), dtype=np.int64)
    parts = list(neighbours(structures, reach, kinds))
    return Pairs(
        np.concatenate([part.center for part in parts]),
        np.concatenate([part.neighbour for part in parts]),
        np.concatenate([part.vectors for part in parts], axis=1),
    )


def _alike(structures: Sequence[Atoms]) -> Iterator[list[Atoms]]:
    """Clusters of equal size that follow one another, and periodic structures one by one."""
    group: list[Atoms] = []
    for structure in structures:
        if group and (len(structure) != len(group[0]) or structure.pbc.any() or group[0].pbc.any()):
            yield group
            group = []
        group.append(structure)
    if group:
        yield group


def _pairs(structures: Sequence[Atoms], reach: float, order: IntArray) -> Iterator[Pairs]:
    """Pairs of `_alike` structures, their neighbours in `order` (n, n_atoms)."""
    n_atoms = order.shape[1]
    positions = np.array([structure.positions for structure in structures])
    translations = np.zeros((1, 3))
    if structures[0].pbc.any():
        positions, translations = _wrapped(structures[0], reach)
    order = order + n_atoms * np.arange(len(order))[:, None]
    centers = positions.reshape(-1, 3).T
    images = centers[:, order, None] + translations.T[:, None, None, :]
    rows = max(1, _TOGETHER // (n_atoms * len(translations)))
    for first in range(0, centers.shape[1], rows):
        some = centers[:, first : first + rows, None, None]
        structure = np.arange(first, first + some.shape[1]) // n_atoms
        vectors = images[:, structure] - some
        near = np.einsum("xijs,xijs->ijs", vectors, vectors) < reach**2
        center, neighbour, _ = np.nonzero(near)
        yield Pairs(center + first, order[structure[center], neighbour], vectors[:, near])


def _wrapped(structure: Atoms, reach: float) -> tuple[FloatArray, FloatArray]:
    """Positions inside the cell where it is periodic, and lattice vectors (n, 3) to all images in reach."""
    periodic = structure.pbc
    cell = structure.cell.complete().array
    if (structure.cell.lengths()[periodic] == 0).any() or abs(np.linalg.det(cell)) < 1e-9:
        raise StructureError(f"{structure.symbols} is periodic along a vector that its cell does not have")
    inverse = np.linalg.inv(cell)
    cells = np.where(periodic, np.floor(structure.positions @ inverse), 0.0)
    heights = 1 / np.linalg.norm(inverse, axis=0)
    # fractions of wrapped atoms differ by less than one
    most = np.where(periodic, np.floor(reach / heights + 1), 0).astype(int)
    shifts = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n in most), indexing="ij"), axis=-1)
    return structure.positions - cells @ cell, shifts.reshape(-1, 3) @ cell
