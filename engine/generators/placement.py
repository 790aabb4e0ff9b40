"""Random structures: every atom that is placed is bonded to one that is already there."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from numpy.typing import NDArray

from engine.errors import StructureError
from engine.potentials.relax import free_atoms
from engine.protocols import FloatArray
from engine.space import Space

_FRESH_STARTS = 200  # a formula that fits its box needs one or two


def place(space: Space, bond: tuple[float, float], tries: int, rng: np.random.Generator) -> Atoms:
    """Place a formula's atoms one by one, in random order.

    The first atom of a cluster sits in the middle of the box. Each further one, and each on a surface, is at
    `bond[0]` to `bond[1]` covalent sums from a placed atom or one of the top layer, not nearer than `bond[0]`
    covalent sums to any, and inside the region.

    Parameters
    ----------
    space : formula, box or surface, and region
    bond : shortest and longest bond, in units of the covalent sum
    tries : attempts to place one atom before starting afresh
    rng : source of the order and the places

    Returns
    -------
    The surface's atoms, then those of the formula in its order, in the space's cell

    Raises
    ------
    StructureError
        if the atoms do not fit
    """
    placed = Atoms(space.composition)
    for _ in range(_FRESH_STARTS):
        order = rng.permutation(len(placed))
        positions = _grow(space, placed.numbers[order], bond, tries, rng)
        if positions is not None:
            placed.positions[order] = positions
            structure: Atoms = space.substrate + placed
            return structure
    raise StructureError(
        f"{space.composition} does not fit {_region(space)} with bonds of "
        f"{bond[0]} to {bond[1]} covalent sums: enlarge that region or the bond range"
    )


def in_box(structure: Atoms) -> bool:
    """Whether all atoms are in the box, as far as it is not periodic: a cluster that exploded is not."""
    scaled = structure.cell.scaled_positions(structure.positions)[:, ~structure.pbc]
    return bool((scaled >= 0).all() and (scaled <= 1).all())


def in_region(structure: Atoms, space: Space) -> bool:
    """Whether all atoms that move are in the region."""
    return bool(space.holds(structure.positions[free_atoms(structure)]).all())


def _grow(
    space: Space,
    numbers: NDArray[np.int64],
    bond: tuple[float, float],
    tries: int,
    rng: np.random.Generator,
) -> FloatArray | None:
    """Positions (n, 3) of new atoms, or None if one of them found no place."""
    below = len(space.substrate)
    radii = covalent_radii[np.concatenate([space.substrate.numbers, numbers])]
    positions = np.concatenate([space.substrate.positions, np.tile(space.middle, (len(numbers), 1))])
    for n in range(below or 1, len(positions)):
        anchors = np.concatenate([space.top, np.arange(below, n)])
        sums = radii[:n] + radii[n]
        for _ in range(tries):
            anchor = anchors[rng.integers(len(anchors))]
            direction = rng.standard_normal(3)
            direction *= rng.uniform(*bond) * sums[anchor] / np.linalg.norm(direction)
            spot = positions[anchor] + direction
            if space.holds(spot) and (space.distances(spot, positions[:n]) >= bond[0] * sums).all():
                positions[n] = spot
                break
        else:
            return None
    return positions[below:]


def _region(space: Space) -> str:
    if len(space.substrate):
        return f"the {space.high[2] - space.substrate.positions[:, 2].max():.1f} Å above its surface"
    return f"a cube of {space.high[0] - space.low[0]:.1f} Å"
