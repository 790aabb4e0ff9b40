"""A committee whose members are potentials of their own, evaluated one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from ase import Atoms

from engine.math import lower_bound_weights
from engine.potentials.calibrated import Calibrated
from engine.protocols import Committee, FloatArray, MemberPredictions, Potential, Prediction


class LocalPotential(Potential, Protocol):
    """A potential whose energy is a sum over atoms."""

    def local_energies(self, structures: Sequence[Atoms]) -> tuple[FloatArray, ...]:
        """Each atom's part of the energy: n arrays (n_atoms,) eV."""
        ...


@dataclass(frozen=True, eq=False)
class IndependentMembers(Calibrated):
    """Their mean, and their spread.

    Attributes
    ----------
    models : the members
    """

    models: tuple[LocalPotential, ...]

    @property
    def n_members(self) -> int:
        """Number of members."""
        return len(self.models)

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Mean energy (eV), forces (eV/Å) and stress (eV/Å³); standard deviations of the members (eV).

        Raises
        ------
        StructureError
            if a member does not know an element
        """
        return self.lower_bound(structures, kappa=0.0)

    def lower_bound(self, structures: Sequence[Atoms], kappa: float) -> Prediction:
        """E − κσ (eV) with its forces (eV/Å) and stress (eV/Å³), and standard deviations as `predict`.

        Raises
        ------
        StructureError
            as `predict`
        """
        said = self.said(structures)
        pull = kappa * self.std_scale
        std = said.energy.std(axis=0, ddof=1)
        weights = lower_bound_weights(said.energy, pull)
        forces = tuple(np.tensordot(w, f, 1) for w, f in zip(weights.T, said.forces, strict=True))
        stress = np.einsum("kn,knv->nv", weights, said.stress)
        local_std = partial(self._atom_std, structures, self.std_scale)
        energy = said.energy.mean(axis=0) - pull * std
        return Prediction(energy, forces, self.std_scale * std, local_std, stress)

    def members(self, structures: Sequence[Atoms]) -> MemberPredictions:
        """Energies (eV), forces (eV/Å) and stress (eV/Å³) of each member.

        Raises
        ------
        StructureError
            as `predict`
        """
        return self.said(structures)

    def member(self, index: int) -> LocalPotential:
        """One member alone."""
        return self.models[index]

    def said(self, structures: Sequence[Atoms]) -> MemberPredictions:
        """What the members say, and nobody else."""
        each = [model.predict(structures) for model in self.models]
        forces = tuple(np.stack(member) for member in zip(*(said.forces for said in each), strict=True))
        return MemberPredictions(
            np.stack([said.energy for said in each]),
            forces,
            np.stack([_stress(said) for said in each]),
            local_std=partial(self._atom_std, structures),
        )

    def _atom_std(self, structures: Sequence[Atoms], factor: float = 1.0) -> tuple[FloatArray, ...]:
        each = zip(*(model.local_energies(structures) for model in self.models), strict=True)
        return tuple(factor * np.std(local, axis=0, ddof=1) for local in each)


def _stress(said: Prediction) -> FloatArray:
    return np.full((len(said.energy), 6), np.nan) if said.stress is None else said.stress


_: type[Committee] = IndependentMembers
