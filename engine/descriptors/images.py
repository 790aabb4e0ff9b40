"""Periodic images as atoms of their own, and what depends on them brought back home.

A descriptor of finite clusters becomes one of periodic structures: it is given every image within its reach
(`with_images`), and its derivatives with respect to images, which move with their home atoms, are added to
those of the home atoms (`fold_images`).
"""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.neighborlist import neighbor_list
from numpy.typing import NDArray

from engine.errors import StructureError
from engine.protocols import FloatArray

_MARGIN = 1e-6  # Å: an image on the very edge is the descriptor's to judge


def with_images(structure: Atoms, reach: float) -> tuple[Atoms, NDArray[np.int64]]:
    """A finite cluster: the atoms of `structure`, then every periodic image within `reach` of one of them.

    Parameters
    ----------
    structure : n atoms, periodic along none to three of its cell's vectors
    reach : Å

    Returns
    -------
    cluster : n_all ≥ n atoms, not periodic, positions in Å
    home : (n_all,) the atom of `structure` that each is, or is an image of

    Raises
    ------
    StructureError
        if it is periodic along a vector its cell does not have
    """
    n_atoms = len(structure)
    home = np.arange(n_atoms)
    shifts = np.zeros((n_atoms, 3), dtype=int)
    if structure.pbc.any():
        flat = structure.cell.lengths()[structure.pbc] == 0
        if flat.any() or abs(np.linalg.det(structure.cell.complete())) < 1e-9:
            raise StructureError(
                f"{structure.symbols} is periodic along a vector that its cell does not have"
            )
        neighbors, offsets = neighbor_list("jS", structure, reach + _MARGIN)
        away = offsets.any(axis=1)
        images = np.unique(np.column_stack([neighbors[away], offsets[away]]), axis=0)
        home = np.concatenate([home, images[:, 0]])
        shifts = np.concatenate([shifts, images[:, 1:]])
    positions = structure.positions[home] + shifts @ structure.cell.array
    return Atoms(structure.numbers[home], positions), home


def fold_images(gradient: FloatArray, home: NDArray[np.int64]) -> FloatArray:
    """Derivatives with respect to atoms that take their images along.

    Parameters
    ----------
    gradient : (n_centers, n_all, ...) with respect to each atom of `with_images`' cluster alone
    home : (n_all,) of `with_images`

    Returns
    -------
    (n_centers, n, ...) summed over each atom and its images
    """
    order = np.argsort(home, kind="stable")
    first = np.flatnonzero(np.diff(home[order], prepend=-1))
    folded: FloatArray = np.add.reduceat(gradient[:, order], first, axis=1)
    return folded
