"""Silicon whose constants are published, and a committee whose members disagree by known amounts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from ase.build import bulk

from engine import registry
from engine.protocols import Committee, MemberPredictions, Potential, Prediction

STILLINGER_WEBER = registry.make("potentials", "stillinger-weber")
TERSOFF = registry.make("potentials", "tersoff-silicon")
A = {"stillinger-weber": 5.430950, "tersoff-silicon": 5.432004}  # Å, where matscipy's own BFGS rests
EPSILON = 2.1683  # eV, of a bond of Stillinger and Weber


def silicon(a=5.430950):
    return bulk("Si", a=a, cubic=True)


@dataclass(frozen=True)
class Scaled:
    """A potential whose energy unit is `factor` of the other's: C_ij and energies scale, lengths do not."""

    factor: float
    potential: Potential = STILLINGER_WEBER

    def predict(self, structures):
        said = self.potential.predict(structures)
        forces = tuple(self.factor * force for force in said.forces)
        return Prediction(self.factor * said.energy, forces, stress=self.factor * said.stress)


@dataclass(frozen=True)
class Silent:
    """A potential that does not say a stress."""

    def predict(self, structures):
        return replace(STILLINGER_WEBER.predict(structures), stress=None)


@dataclass(frozen=True)
class Exploding:
    """A potential under which every cell grows for ever."""

    tension: float = -0.5  # eV/Å³

    def predict(self, structures):
        energy = np.array([self.tension * structure.get_volume() for structure in structures])
        forces = tuple(np.zeros((len(structure), 3)) for structure in structures)
        return Prediction(energy, forces, stress=np.tile([self.tension] * 3 + [0.0] * 3, (len(energy), 1)))


@dataclass(frozen=True)
class Several:
    """A committee of given potentials."""

    potentials: tuple[Potential, ...]

    @property
    def n_members(self):
        return len(self.potentials)

    def member(self, index):
        return self.potentials[index]

    def members(self, structures):
        said = [potential.predict(structures) for potential in self.potentials]
        forces = tuple(np.stack([one.forces[k] for one in said]) for k in range(len(structures)))
        stress = np.stack([one.stress for one in said])
        return MemberPredictions(np.stack([one.energy for one in said]), forces, stress)

    def predict(self, structures):
        said = self.members(structures)
        forces = tuple(force.mean(axis=0) for force in said.forces)
        return Prediction(said.energy.mean(axis=0), forces, stress=said.stress.mean(axis=0))


_: type[Committee] = Several
