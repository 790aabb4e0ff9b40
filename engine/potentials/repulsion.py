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
from ase.neighborlist import neighbor_list
from ase.units import Bohr, Hartree

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
        """Energies (eV) and forces (eV/Å); uncertainties are those of the base."""
        said = self.base.predict(structures)
        added = [self._repel(structure) for structure in structures]
        energy = said.energy + np.array([energy for energy, _ in added])
        forces = tuple(f + more for f, (_, more) in zip(said.forces, added, strict=True))
        return Prediction(energy, forces, said.energy_std, said.local_std)

    def _repel(self, structure: Atoms) -> tuple[float, FloatArray]:
        radii = covalent_radii[structure.numbers]
        i, j, distance, away = neighbor_list("ijdD", structure, list(self.reach * radii))
        forces = np.zeros((len(structure), 3))
        if len(distance) == 0:
            return 0.0, forces
        charges = structure.numbers.astype(float)
        energy, slope = zbl(distance, charges[i], charges[j])
        weight, weight_slope = fade(distance, self.reach * (radii[i] + radii[j]))
        pull = ((slope * weight + energy * weight_slope) / distance)[:, None] * away
        np.add.at(forces, i, pull)  # every pair is listed from both of its ends
        return float((energy * weight).sum() / 2), forces


_: type[Potential] = WithRepulsion
