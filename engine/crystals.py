"""Crystals in other cells: strained, conventional, larger.

Copies without calculator and constraints.
"""

from __future__ import annotations

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike, NDArray

from engine.errors import StructureError
from engine.math import strain_tensor
from engine.protocols import FloatArray

SYMMETRIC = 1e-3
"""Atoms nearer to their ideal places than this (Å) are on them."""


def check_crystal(structure: Atoms) -> None:
    """See that a structure is periodic in all directions.

    Raises
    ------
    StructureError
        if it has no atoms, no whole cell, or is not periodic in some direction
    """
    if not len(structure):
        raise StructureError("a crystal has atoms, this holds none")
    if structure.cell.rank < 3:
        raise StructureError(f"{structure.symbols} has no cell: a crystal has one with a volume")
    if not structure.pbc.all():
        raise StructureError(f"{structure.symbols} is not periodic in all directions: a crystal is")


def check_element(crystal: Atoms) -> None:
    """See that a crystal is of one element, so that an atom has an energy in it.

    Raises
    ------
    StructureError
        if it is of several, or no crystal
    """
    check_crystal(crystal)
    if len(set(crystal.numbers)) > 1:
        raise StructureError(
            f"{crystal.symbols} is of several elements: the energy of one atom is not defined"
        )


def strained(crystal: Atoms, voigt: ArrayLike) -> Atoms:
    """Cell and atoms strained alike: each vector r becomes (1 + ε) r.

    Parameters
    ----------
    crystal : periodic in all directions
    voigt : (6,) strains in Voigt's order xx yy zz yz xz xy, shear γ = 2ε

    Raises
    ------
    StructureError
        if it is no crystal, or nothing is left of its volume
    """
    check_crystal(crystal)
    deformation = np.eye(3) + strain_tensor(voigt)
    if not np.linalg.det(deformation) > 0:
        raise StructureError(f"the strains {np.asarray(voigt).tolist()} leave no volume")
    copy = bare(crystal)
    copy.set_cell(np.asarray(copy.cell) @ deformation, scale_atoms=True)
    return copy


def conventional(crystal: Atoms) -> Atoms:
    """The conventional cell in its standard orientation, by its symmetry (spglib).

    Raises
    ------
    StructureError
        if it is no crystal, or its symmetry cannot be found
    """
    import spglib

    check_crystal(crystal)
    cell = spglib.standardize_cell(_plain(crystal), symprec=SYMMETRIC)
    if cell is None:
        raise StructureError(
            f"the symmetry of {crystal.symbols} cannot be found: are two atoms in one place?"
        )
    lattice, scaled, numbers = cell
    return Atoms(numbers, cell=lattice, scaled_positions=scaled, pbc=True)


def primitive(crystal: Atoms) -> Atoms:
    """The smallest cell, by its symmetry (spglib); no vector of the crystal turns.

    Raises
    ------
    StructureError
        if it is no crystal, or its symmetry cannot be found
    """
    import spglib

    check_crystal(crystal)
    cell = spglib.standardize_cell(_plain(crystal), to_primitive=True, no_idealize=True, symprec=SYMMETRIC)
    if cell is None:
        raise StructureError(
            f"the symmetry of {crystal.symbols} cannot be found: are two atoms in one place?"
        )
    lattice, scaled, numbers = cell
    return Atoms(numbers, cell=lattice, scaled_positions=scaled, pbc=True)


def space_group(crystal: Atoms) -> int:
    """Number of its space group, 1 to 230.

    Raises
    ------
    StructureError
        if it is no crystal, or its symmetry cannot be found
    """
    import spglib

    check_crystal(crystal)
    found = spglib.get_symmetry_dataset(_plain(crystal), symprec=SYMMETRIC)
    if found is None:
        raise StructureError(
            f"the symmetry of {crystal.symbols} cannot be found: are two atoms in one place?"
        )
    return int(found.number)


def supercell(crystal: Atoms, edge: float) -> Atoms:
    """The smallest repetition whose opposite faces are at least `edge` (Å) apart.

    Raises
    ------
    StructureError
        if it is no crystal
    """
    check_crystal(crystal)
    heights = 1 / np.linalg.norm(np.linalg.inv(np.asarray(crystal.cell)), axis=0)
    larger: Atoms = bare(crystal).repeat(np.ceil(edge / heights - 1e-9).astype(int))
    return larger


def bare(structure: Atoms) -> Atoms:
    """Atoms, cell and periodicity alone."""
    return Atoms(structure.numbers, structure.positions, cell=structure.cell, pbc=structure.pbc)


def _plain(crystal: Atoms) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    return np.asarray(crystal.cell), crystal.get_scaled_positions(), crystal.numbers
