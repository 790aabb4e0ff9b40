"""A potential as the reference: labels for nothing, to try a campaign or to study one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from engine import registry
from engine.protocols import Potential, Provenance, Reference
from engine.references.provenance import installed


class TeacherReference:
    """Label with a registered potential.

    Parameters
    ----------
    potential : its name
    """

    def __init__(self, potential: str) -> None:
        self._name = potential

    def calculator(self) -> Any:
        """Return a calculator that asks the potential."""
        return _PotentialCalculator(registry.make("potentials", self._name))

    def provenance(self) -> Provenance:
        """Name the potential's package."""
        code, version = installed(registry.find("potentials", self._name).requires[0])
        return Provenance(code, version, {"potential": self._name})


class _PotentialCalculator(Calculator):  # type: ignore[misc]  # ASE's classes are untyped
    implemented_properties: ClassVar[list[str]] = ["energy", "forces", "stress"]

    def __init__(self, potential: Potential) -> None:
        super().__init__()
        self._potential = potential

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        prediction = self._potential.predict([self.atoms])
        self.results = {"energy": float(prediction.energy[0]), "forces": prediction.forces[0]}
        if prediction.stress is not None and np.isfinite(prediction.stress[0]).all():
            self.results["stress"] = prediction.stress[0]


_: type[Reference] = TeacherReference
