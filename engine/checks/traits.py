"""What is measured of a candidate so that vetoes can be told from approvals: some lengths and counts.

Their names and units stand in `engine.core.veto_rules`; energies come with the scores.
"""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engine.core.veto_rules import DISTANCE

REACH = 6.0  # Å: what is farther counts as this far
BONDED = 1.3  # × the covalent sum, as `checks.fragments`


def traits(structure: Atoms) -> dict[str, float]:
    """Measures of a structure by name; images count where it is periodic.

    Returns
    -------
    ``distance A-B`` (Å) : shortest of each pair of elements that comes within 6 Å
    ``closest pair`` : shortest distance in units of its covalent sum
    ``loneliest atom`` (Å) : the largest distance of an atom from its nearest neighbour, at most 6 Å
    ``fragments`` : pieces that bonds of 1.3 covalent sums do not connect; of a crystal none is told
    ``thickness`` (Å) : extent of a cluster along its thinnest axis, of a slab across it
    ``volume`` (Å³) : of an atom of a crystal
    """
    first, second, distance = neighbor_list("ijd", structure, REACH)
    found: dict[str, float] = {}
    symbols = np.array(structure.get_chemical_symbols())
    pairs = np.sort(np.stack([symbols[first], symbols[second]], axis=1), axis=1)
    for a, b in sorted(set(map(tuple, pairs.tolist()))):
        of_pair = (pairs[:, 0] == a) & (pairs[:, 1] == b)
        found[f"{DISTANCE}{a}-{b}"] = float(distance[of_pair].min())
    radii = covalent_radii[structure.numbers]
    ratio = distance / (radii[first] + radii[second])
    if len(ratio):
        found["closest pair"] = float(ratio.min())
    if len(structure) > 1:
        nearest = np.full(len(structure), REACH)
        np.minimum.at(nearest, first, distance)
        found["loneliest atom"] = float(nearest.max())
    if structure.pbc.all():
        found["volume"] = float(structure.get_volume() / len(structure))
    else:
        bonded = ratio < BONDED
        bonds = coo_array(
            (np.ones(bonded.sum(), dtype=bool), (first[bonded], second[bonded])), shape=2 * (len(structure),)
        )
        found["fragments"] = float(connected_components(bonds, directed=False)[0])
        found["thickness"] = _thickness(structure)
    return found


def _thickness(structure: Atoms) -> float:
    """Extent (Å) along the principal axis where it is least, or along the normal of periodic vectors."""
    around = structure.positions - structure.positions.mean(axis=0)
    periodic = structure.cell.array[structure.pbc]
    # what lies in the plane of periodic vectors has no end
    across = around - around @ np.linalg.pinv(periodic) @ periodic
    _, _, axes = np.linalg.svd(across, full_matrices=False)
    kept = axes[: 3 - len(periodic)]
    return float(min((np.ptp(around @ axis) for axis in kept), default=0.0))
