"""A potential as an ASE calculator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, PropertyNotImplementedError, all_changes

from engine.errors import StructureError
from engine.protocols import Potential


class PotentialCalculator(Calculator):  # type: ignore[misc]  # ASE's classes are untyped
    """Energy (eV), forces (eV/Å), stress (eV/Å³) of a potential, for anything that takes an ASE calculator.

    A stress needs a potential that gives it and a structure that is periodic along three vectors. After a
    calculation ``results["energy_std"]`` (eV) and ``results["atom_std"]`` ((n_atoms,) eV) say how sure a
    Δ-model or a committee is; a bare potential leaves them out.

    Parameters
    ----------
    potential : what predicts
    title : name of the potential, for people

    Raises
    ------
    StructureError
        from a calculation, if the potential has no energy for the structure
    PropertyNotImplementedError
        of ASE, from a stress that the potential does not give for the structure
    """

    implemented_properties: ClassVar[list[str]] = ["energy", "forces", "free_energy", "stress"]

    def __init__(self, potential: Potential, title: str) -> None:
        super().__init__()
        self.potential = potential
        self.title = title

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Predict for one structure; called by ASE."""
        super().calculate(atoms, properties, system_changes)
        if not np.isfinite(self.atoms.positions).all():
            raise StructureError(f"{self.atoms.symbols} has positions that are not finite")
        said = self.potential.predict([self.atoms])
        energy = float(said.energy[0])
        if not np.isfinite(energy):
            raise StructureError(f"{self.title} has no energy for {self.atoms.symbols}")
        results: dict[str, Any] = {"energy": energy, "free_energy": energy, "forces": said.forces[0]}
        if said.stress is not None and np.isfinite(said.stress[0]).all():
            results["stress"] = said.stress[0]
        if said.energy_std is not None:
            results["energy_std"] = float(said.energy_std[0])
        if said.atom_std is not None:
            results["atom_std"] = said.atom_std[0]
        self.results = results
        if "stress" in properties and "stress" not in results:
            raise PropertyNotImplementedError(f"{self.title} has no stress for {self.atoms.symbols}")
