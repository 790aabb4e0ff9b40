"""Energies of defects and surfaces: what a structure costs beyond as many atoms of the crystal.

E − n e, with n its atoms and e the energy of one in the crystal; of surfaces, an area. Atoms come to rest
from their ideal places, all structures in one batch: one that is held by its symmetry, such as an atom in
diamond's hexagonal hole, stays there.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from ase import Atoms

from engine import defects as geometry
from engine.crystals import check_element, supercell
from engine.potentials.relax import relax
from engine.protocols import FloatArray, Potential

FMAX = 0.01  # eV/Å
STEPS = 200
J_PER_M2 = 16.02176634
"""1 eV/Å² in J/m² (CODATA 2018)."""


def defects(crystal: Atoms, edge: float = 10.0) -> dict[str, Atoms]:
    """The vacancy and interstitials of a crystal of one element, at least `edge` (Å) from their images.

    Returns
    -------
    ``vacancy``, an atom in each of `engine.defects.sites`, and ``dumbbell``: two atoms along 110

    Raises
    ------
    StructureError
        if it is no crystal, or of several elements
    """
    check_element(crystal)
    larger = supercell(crystal, edge)
    return {
        "vacancy": geometry.vacancy(larger),
        **{site: geometry.interstitial(larger, site) for site in geometry.sites(crystal)},
        "dumbbell": geometry.dumbbell(larger),
    }


def slabs(crystal: Atoms, thickness: float = 8.0, vacuum: float = 10.0) -> dict[str, Atoms]:
    """The faces of `engine.defects.FACES` of a crystal of one element, unreconstructed.

    Returns
    -------
    ``surface_100`` and so on

    Raises
    ------
    StructureError
        if it is no crystal, or of several elements
    """
    check_element(crystal)
    return {
        "surface_" + "".join(map(str, face)): geometry.surface(crystal, face, thickness, vacuum)
        for face in geometry.FACES
    }


def excess_energies(
    potential: Potential,
    crystal: Atoms,
    structures: Mapping[str, Atoms],
    *,
    fmax: float = FMAX,
    steps: int = STEPS,
) -> dict[str, float]:
    """E − n e (eV) of each structure: the formation energy of a defect.

    Parameters
    ----------
    potential : what predicts
    crystal : of one element, at rest
    structures : made of the crystal, by name
    fmax, steps : where their relaxation ends (eV/Å); 0 steps: as they are

    Returns
    -------
    nan for what did not come to rest

    Raises
    ------
    StructureError
        if it is no crystal, or of several elements
    """
    check_element(crystal)
    one = potential.predict([crystal]).energy[0] / len(crystal)
    found = relax(list(structures.values()), potential, fmax, steps)
    energy = np.where(found.converged, found.energy, np.nan) if steps else found.energy
    n_atoms = np.array([len(structure) for structure in structures.values()])
    return dict(zip(structures, (energy - n_atoms * one).tolist(), strict=True))


def surface_energies(
    potential: Potential,
    crystal: Atoms,
    structures: Mapping[str, Atoms],
    *,
    fmax: float = FMAX,
    steps: int = STEPS,
) -> dict[str, float]:
    """(E − n e)/2A (J/m²) of slabs: the mean of their two surfaces; as `excess_energies` otherwise."""
    excess = excess_energies(potential, crystal, structures, fmax=fmax, steps=steps)
    return {name: excess[name] / (2 * _area(slab)) * J_PER_M2 for name, slab in structures.items()}


def _area(slab: Atoms) -> float:
    cell: FloatArray = np.asarray(slab.cell)
    return float(np.linalg.norm(np.cross(cell[0], cell[1])))
