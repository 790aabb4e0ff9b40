"""The bonds and angles that CHGNet sees, of many structures at once.

A batch is one graph of disconnected parts, in Cartesian coordinates. Without ``pbc`` there are no images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from ase import Atoms
from ase.neighborlist import primitive_neighbor_list
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from engine.errors import StructureError
from engine.protocols import FloatArray

_HEAVIEST = 94  # the elements of CHGNet's atom embedding end at Pu

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Graph:
    """A batch of structures.

    Bond b stands for two directed bonds: b from its first to its second atom, b + n_bonds back.

    Attributes
    ----------
    numbers : (n_atoms,) atomic numbers
    positions : (n_atoms, 3) Å, a leaf that gradients are taken at
    first, second : (n_bonds,) atoms of each bond within the atom graph's cutoff, each bond once
    shift : (n_bonds, 3) Å, from the second atom to the image of it that is bonded; a leaf, too
    angles : (2, n_angles) pairs of directed bonds from one center, both within the bond graph's cutoff
    angled : (n_bonds, 1) 1 in structures that have an angle, 0 in others
    """

    numbers: torch.Tensor
    positions: torch.Tensor
    first: torch.Tensor
    second: torch.Tensor
    shift: torch.Tensor
    angles: torch.Tensor
    angled: torch.Tensor


def build_graph(structures: Sequence[Atoms], atom_cutoff: float, bond_cutoff: float) -> Graph:
    """Put `structures` into one graph with bonds up to `atom_cutoff` and angles up to `bond_cutoff` (Å).

    Raises
    ------
    StructureError
        if a structure has no atoms, or an element heavier than Pu
    """
    numbers = np.concatenate([_numbers(structure) for structure in structures])
    # about the middle, where single precision is finest
    positions = np.concatenate([s.positions - s.positions.mean(axis=0) for s in structures])
    bonds = [_bonds(structure, atom_cutoff) for structure in structures]
    sizes = [len(structure) for structure in structures]
    offsets = np.cumsum([0, *sizes[:-1]])
    first = np.concatenate([part[0] + offset for part, offset in zip(bonds, offsets, strict=True)])
    second = np.concatenate([part[1] + offset for part, offset in zip(bonds, offsets, strict=True)])
    shift = np.concatenate([part[2] for part in bonds])
    length = np.linalg.norm(positions[second] + shift - positions[first], axis=1)
    center = np.concatenate([first, second])
    angles = _angles(center, length < bond_cutoff)
    owner = np.repeat(np.arange(len(structures)), sizes)
    angled = np.isin(owner[first], owner[center[angles[0]]])
    return Graph(
        numbers=torch.from_numpy(numbers),
        positions=torch.tensor(positions, dtype=torch.float32, requires_grad=True),
        first=torch.from_numpy(first),
        second=torch.from_numpy(second),
        shift=torch.tensor(shift, dtype=torch.float32, requires_grad=True),
        angles=torch.from_numpy(angles),
        angled=torch.tensor(angled[:, None], dtype=torch.float32),
    )


def _numbers(structure: Atoms) -> IntArray:
    numbers: IntArray = structure.numbers
    if len(numbers) == 0:
        raise StructureError("a structure without atoms has no energy")
    if numbers.min() < 1 or numbers.max() > _HEAVIEST:
        raise StructureError(f"CHGNet knows the elements H to Pu, not those of {structure.symbols}")
    return numbers


def _bonds(structure: Atoms, cutoff: float) -> tuple[IntArray, IntArray, FloatArray]:
    """First and second atom and the image's shift (Å) of each bond, once."""
    if not structure.pbc.any():
        first, second = np.triu_indices(len(structure), k=1)
        near = pdist(structure.positions) < cutoff
        return first[near], second[near], np.zeros((int(near.sum()), 3))
    first, second, images = primitive_neighbor_list(
        "ijS", structure.pbc, structure.cell, structure.positions, cutoff
    )
    # of the two directions of a bond keep the one that goes up in (second − first, image)
    keys = np.column_stack([second - first, images])
    leading = np.take_along_axis(keys, (keys != 0).argmax(axis=1)[:, None], axis=1)[:, 0]
    up = leading > 0
    return first[up], second[up], images[up] @ structure.cell.array


def _angles(center: IntArray, short: NDArray[np.bool_]) -> IntArray:
    """Ordered pairs of different short directed bonds with one center.

    Parameters
    ----------
    center : (2 n_bonds,) first atom of each directed bond
    short : (n_bonds,) whether a bond is within the bond graph's cutoff

    Returns
    -------
    (2, n_angles) directed bonds
    """
    directed = np.flatnonzero(np.concatenate([short, short]))
    directed = directed[np.argsort(center[directed], kind="stable")]
    _, start, degree = np.unique(center[directed], return_index=True, return_counts=True)
    repeats = np.repeat(degree, degree)
    left = np.repeat(np.arange(len(directed)), repeats)
    within = np.arange(len(left)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    right = np.repeat(np.repeat(start, degree), repeats) + within
    pairs = np.stack([left, right])
    chosen: IntArray = directed[pairs[:, left != right]]
    return chosen
