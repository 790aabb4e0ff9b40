"""The crystal at rest: its cell without stress, its atoms without forces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS

from engine.crystals import check_crystal, conventional, space_group
from engine.errors import StructureError
from engine.potentials.calculator import PotentialCalculator
from engine.protocols import Potential

FIRST_CUBIC = 195
"""Space groups from this number on are cubic."""
_VOLUMES = (0.5, 2.0)  # of the volume that it began with: outside, no crystal is found again


@dataclass(frozen=True)
class Equilibrium:
    """Where a crystal came to rest.

    Attributes
    ----------
    crystal : conventional cell
    energy : eV an atom
    cubic : whether its symmetry is cubic
    """

    crystal: Atoms
    energy: float
    cubic: bool


def equilibrium(
    potential: Potential, crystal: Atoms, fmax: float = 1e-3, steps: int = 200
) -> Equilibrium | None:
    """Relax the conventional cell with its atoms; a cubic one keeps its shape.

    Parameters
    ----------
    potential : whose predictions hold a stress
    crystal : near its equilibrium
    fmax : largest force left on an atom, and of the virial an atom (eV/Å, eV)
    steps : most of them

    Returns
    -------
    None if it did not come to rest, or lost its shape on the way

    Raises
    ------
    StructureError
        if it is no crystal, or the potential gives no stress
    """
    check_stress(potential, crystal)
    relaxed = conventional(crystal)
    cubic = space_group(relaxed) >= FIRST_CUBIC
    begun = relaxed.get_volume()
    relaxed.calc = PotentialCalculator(potential, "the potential")
    optimizer = BFGS(FrechetCellFilter(relaxed, hydrostatic_strain=cubic), logfile=None)
    try:
        for at_rest in optimizer.irun(fmax, steps):
            if at_rest:
                energy = float(relaxed.get_potential_energy()) / len(relaxed)
                relaxed.calc = None
                return Equilibrium(relaxed, energy, cubic)
            if not _VOLUMES[0] < relaxed.get_volume() / begun < _VOLUMES[1]:
                return None
    except (StructureError, NotImplementedError):  # no finite energy or stress on the way
        return None
    return None


def check_stress(potential: Potential, crystal: Atoms) -> None:
    """See that a potential gives the stress of a crystal.

    Raises
    ------
    StructureError
        if it is no crystal, or the potential gives no stress
    """
    check_crystal(crystal)
    stress = potential.predict([crystal]).stress
    if stress is None or not np.isfinite(stress).all():
        raise StructureError(
            f"the potential gives no stress of {crystal.symbols}: elastic properties need one"
        )
