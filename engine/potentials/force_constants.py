"""Harmonic force constants of a structure in any potential, by finite displacements.

Our own code, with the crystal's symmetry from spglib, and not phonopy: one formula is no reason for a
dependency, and here the displaced structures go to the potential in batches.
"""

from __future__ import annotations

import numpy as np
import spglib
from ase import Atoms
from numpy.typing import NDArray

from engine.potentials.chunks import chunks
from engine.protocols import FloatArray, Potential

IntArray = NDArray[np.int64]

_SYMMETRIC = 1e-4  # Å: sites nearer than this to their image are the same
_MOST_ATOMS = 2000  # in one batch


def force_constants(structure: Atoms, potential: Potential, displacement: float = 0.01) -> FloatArray:
    """Second derivatives of the energy, from central differences of forces.

    Of atoms that a symmetry of the crystal maps on one another only one is displaced.

    Parameters
    ----------
    structure : the sites R₀; constraints are not looked at
    potential : what gives the forces
    displacement : of one atom along x, y and z, both ways (Å)

    Returns
    -------
    (n, n, 3, 3) eV/Å², symmetric in (i, a) and (j, b)
    """
    n = len(structure)
    rotations, images = _symmetry(structure)
    representative = images.min(axis=0)  # of each atom, the first that it is equivalent to
    shown = np.unique(representative)
    rows = dict(zip(shown.tolist(), _rows(structure, shown, potential, displacement), strict=True))
    phi = np.empty((n, n, 3, 3))
    for atom in range(n):
        first = int(representative[atom])
        k = int(np.flatnonzero(images[:, first] == atom)[0])
        phi[atom, images[k]] = rotations[k] @ rows[first] @ rotations[k].T
    return 0.5 * (phi + phi.transpose(1, 0, 3, 2))


def _rows(structure: Atoms, atoms: IntArray, potential: Potential, step: float) -> FloatArray:
    """Φ of some atoms with all, (len(atoms), n, 3, 3)."""
    moved = []
    for atom in atoms:
        for axis in range(3):
            for sign in (1, -1):
                copy = structure.copy()
                copy.positions[atom, axis] += sign * step
                moved.append(copy)
    forces = [f for chunk in chunks(moved, _MOST_ATOMS) for f in potential.predict(chunk).forces]
    there = np.array(forces).reshape(len(atoms), 3, 2, len(structure), 3)
    slopes: FloatArray = -(there[:, :, 0] - there[:, :, 1]) / (2 * step)  # (atoms, a, n, b)
    return slopes.transpose(0, 2, 1, 3)


def _symmetry(structure: Atoms) -> tuple[FloatArray, IntArray]:
    """Rotations (m, 3, 3) of the crystal, and the atom on which each maps every atom, (m, n)."""
    n, cell = len(structure), np.asarray(structure.cell)
    identity = np.eye(3)[None], np.arange(n)[None]
    if not structure.pbc.all() or structure.cell.rank < 3:
        return identity
    scaled = structure.get_scaled_positions()
    found = spglib.get_symmetry((cell, scaled, structure.numbers), symprec=_SYMMETRIC)
    if found is None:
        return identity
    rotations, images = [], []
    for rotation, shift in zip(found["rotations"], found["translations"], strict=True):
        away = (scaled @ rotation.T + shift)[:, None] - scaled
        distance = np.linalg.norm((away - np.round(away)) @ cell, axis=2)
        image = distance.argmin(axis=1)
        if len(set(image.tolist())) == n:
            rotations.append(cell.T @ rotation @ np.linalg.inv(cell.T))
            images.append(image)
    return np.array(rotations), np.array(images)
