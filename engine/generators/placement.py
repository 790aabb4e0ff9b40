"""Random clusters: every atom bonded to one that is already there."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from numpy.typing import NDArray

from engine.config import SystemSettings
from engine.errors import StructureError
from engine.potentials.relax import free_atoms
from engine.protocols import FloatArray

_FRESH_STARTS = 200  # a formula that fits its box needs one or two


def place(system: SystemSettings, bond: tuple[float, float], tries: int, rng: np.random.Generator) -> Atoms:
    """Place a formula's atoms one by one, in random order.

    The first atom sits in the middle of the box. Each further one is at `bond[0]` to `bond[1]` covalent sums
    from a placed atom, not nearer than `bond[0]` covalent sums to any, and inside the confinement cube in the
    middle of the box.

    Parameters
    ----------
    system : formula, box and confinement (Å)
    bond : shortest and longest bond, in units of the covalent sum
    tries : attempts to place one atom before starting afresh
    rng : source of the order and the places

    Returns
    -------
    Atoms in the order of the formula, with the box as cell, not periodic

    Raises
    ------
    StructureError
        if the atoms do not fit
    """
    structure = Atoms(system.composition, cell=system.cell, pbc=False)
    radii = covalent_radii[structure.numbers]
    for _ in range(_FRESH_STARTS):
        order = rng.permutation(len(structure))
        positions = _grow(radii[order], system.confinement / 2, bond, tries, rng)
        if positions is not None:
            structure.positions[order] = positions + np.array(system.cell) / 2
            return structure
    raise StructureError(
        f"{system.composition} does not fit a cube of {system.confinement} Å with bonds of "
        f"{bond[0]} to {bond[1]} covalent sums: enlarge the confinement or the bond range"
    )


def in_box(structure: Atoms) -> bool:
    """Whether all atoms are in the box: a cluster that exploded is not."""
    scaled = structure.cell.scaled_positions(structure.positions)
    return bool((scaled >= 0).all() and (scaled <= 1).all())


def in_cube(structure: Atoms, confinement: float) -> bool:
    """Whether all atoms that move are in the cube of edge `confinement` (Å) in the middle of the box."""
    middle = structure.cell.sum(axis=0) / 2
    away = np.abs(structure.positions - middle)[free_atoms(structure)]
    return bool(away.max(initial=0.0) <= confinement / 2)


def _grow(
    radii: NDArray[np.float64], half: float, bond: tuple[float, float], tries: int, rng: np.random.Generator
) -> FloatArray | None:
    """Positions (n, 3) about the origin, or None if one of the atoms found no place."""
    positions = np.zeros((len(radii), 3))
    for n in range(1, len(radii)):
        sums = radii[:n] + radii[n]
        for _ in range(tries):
            anchor = rng.integers(n)
            direction = rng.standard_normal(3)
            direction *= rng.uniform(*bond) * sums[anchor] / np.linalg.norm(direction)
            spot = positions[anchor] + direction
            distances = np.linalg.norm(positions[:n] - spot, axis=1)
            if np.abs(spot).max() <= half and (distances >= bond[0] * sums).all():
                positions[n] = spot
                break
        else:
            return None
    return positions
