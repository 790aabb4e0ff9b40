"""Nuclei that repel each other beside a potential that is soft at contact.

The screened Coulomb repulsion of Ziegler, Biersack and Littmark, *The Stopping and Range of Ions in Solids*
(1985), faded out where atoms are not too close: no minimum feels it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.units import Bohr, Hartree

from engine.descriptors import all_pairs
from engine.potentials.stress import voigt_stress
from engine.protocols import FloatArray, Potential, Prediction

_WEIGHTS = np.array([0.18175, 0.50986, 0.28022, 0.02817])
_RATES = np.array([3.19980, 0.94229, 0.40290, 0.20162])


def zbl(distance: FloatArray, z_i: FloatArray, z_j: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Energy of two nuclei, Z_i Z_j e² φ(r/a)/r with a = 0.8854 a_0/(Z_i^0.23 + Z_j^0.23), and its slope.

    Parameters
    ----------
    distance : (n,) Å
    z_i, z_j : (n,) nuclear charges

    Returns
    -------
    energy : (n,) eV
    slope : (n,) eV/Å
    """
    length = 0.8854 * Bohr / (z_i**0.23 + z_j**0.23)
    terms = _WEIGHTS * np.exp(-_RATES * (distance / length)[:, None])
    charge = z_i * z_j * Hartree * Bohr / distance
    energy = charge * terms.sum(axis=1)
    slope = -energy / distance - charge / length * (terms @ _RATES)
    return energy, slope


def fade(distance: FloatArray, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(1 − (r/R)²)³ within the reach R, 0 beyond, with two continuous derivatives; and its slope (1/Å)."""
    left = np.maximum(1 - (distance / reach) ** 2, 0.0)
    return left**3, -6 * left**2 * distance / reach**2


@dataclass(frozen=True)
class WithRepulsion:
    """A potential plus the repulsion of nuclei that are too close, in batches and across periodic boundaries.

    Attributes
    ----------
    base : the potential
    reach : part of the covalent sum at which the repulsion has faded out
    """

    base: Potential
    reach: float

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Energies (eV), forces (eV/Å), and the stress (eV/Å³) if the base has one; uncertainties are its."""
        said = self.base.predict(structures)
        if len(structures) == 0:
            return said
        starts = np.cumsum([0, *(len(structure) for structure in structures[:-1])])
        energy, forces, virial = self._repel(structures)
        more = np.split(forces, starts[1:])
        total = tuple(f + added for f, added in zip(said.forces, more, strict=True))
        stress = said.stress
        if stress is not None:
            stress = stress + voigt_stress(np.add.reduceat(virial, starts), structures)
        energy = said.energy + np.add.reduceat(energy, starts)
        return Prediction(energy, total, said.energy_std, said.local_std, stress)

    def _repel(self, structures: Sequence[Atoms]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Of each atom: energy (n_atoms,) eV, half of each of its pairs', force (n_atoms, 3) eV/Å, and dE/dε.

        The last is (n_atoms, 3, 3) eV, of the same halves.
        """
        numbers = np.concatenate([structure.numbers for structure in structures])
        radii, charges = covalent_radii[numbers], numbers.astype(float)
        pairs = all_pairs(structures, 2 * self.reach * float(radii.max(initial=0.0)))
        distance = np.sqrt(np.einsum("xp,xp->p", pairs.vectors, pairs.vectors))
        reach = self.reach * (radii[pairs.center] + radii[pairs.neighbour])
        near = (distance < reach) & (distance > 0)  # an atom is its own neighbour, at 0
        i, j, distance = pairs.center[near], pairs.neighbour[near], distance[near]
        energy, slope = zbl(distance, charges[i], charges[j])
        weight, weight_slope = fade(distance, reach[near])
        pull = (slope * weight + energy * weight_slope) / distance * pairs.vectors[:, near]
        # every pair is listed from both of its ends
        virial = 0.5 * np.einsum("ap,bp->abp", pull, pairs.vectors[:, near]).reshape(9, -1)
        sums: FloatArray = np.array(
            [np.bincount(i, values, len(numbers)) for values in (0.5 * energy * weight, *pull, *virial)],
            dtype=float,
        )
        return sums[0], sums[1:4].T, sums[4:].T.reshape(-1, 3, 3)


_: type[Potential] = WithRepulsion
