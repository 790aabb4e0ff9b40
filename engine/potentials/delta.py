"""A base potential plus its learnt correction: one model, or a committee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms

from engine.protocols import Committee, MemberPredictions, Potential, Prediction

if TYPE_CHECKING:
    from engine.potentials.correction import CommitteeCorrection, Correction  # with dscribe, over a second


@dataclass(frozen=True)
class Delta:
    """E = E_base + E_Δ, forces likewise; the uncertainty is that of E_Δ.

    Pitfield, Christiansen, Hammer, PCCP 2026 (arXiv 2507.18485).

    Attributes
    ----------
    base : the universal potential
    correction : None before the first fit: then the bare base
    """

    base: Potential
    correction: Correction | None

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Energies and standard deviations (eV), forces (eV/Å)."""
        return self.lower_bound(structures, kappa=0.0)

    def lower_bound(self, structures: Sequence[Atoms], kappa: float) -> Prediction:
        """E − κσ (eV) with minus its gradient (eV/Å) as forces; without a correction σ is 0.

        There is a stress (eV/Å³) where both have one.
        """
        base = self.base.predict(structures)
        if self.correction is None:
            return base
        delta = self.correction.lower_bound(structures, kappa)
        forces = tuple(b + d for b, d in zip(base.forces, delta.forces, strict=True))
        stress = None if base.stress is None or delta.stress is None else base.stress + delta.stress
        return Prediction(base.energy + delta.energy, forces, delta.energy_std, delta.local_std, stress)


@dataclass(frozen=True)
class DeltaCommittee:
    """E_k = E_base + E_Δk for each member of a committee of corrections.

    Attributes
    ----------
    base : the universal potential
    correction : the committee
    """

    base: Potential
    correction: CommitteeCorrection

    @property
    def n_members(self) -> int:
        """Number of members."""
        return self.correction.n_members

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """The members' mean, as `Delta` gives it."""
        return Delta(self.base, self.correction).predict(structures)

    def members(self, structures: Sequence[Atoms]) -> MemberPredictions:
        """What each member says, from one prediction of the base."""
        return on_base(self.base.predict(structures), self.correction.members(structures))

    def member(self, index: int) -> Potential:
        """One member alone."""
        return _Sum(self.base, self.correction.member(index))


@dataclass(frozen=True)
class _Sum:
    base: Potential
    added: Potential

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        said, added = self.base.predict(structures), self.added.predict(structures)
        forces = tuple(b + a for b, a in zip(said.forces, added.forces, strict=True))
        stress = None if said.stress is None or added.stress is None else said.stress + added.stress
        return Prediction(said.energy + added.energy, forces, stress=stress)


def on_base(base: Prediction, said: MemberPredictions) -> MemberPredictions:
    """What the members say on top of what the base says; NaN stress where the base has none."""
    return replace(
        said,
        energy=base.energy + said.energy,
        forces=tuple(b + f for b, f in zip(base.forces, said.forces, strict=True)),
        stress=said.stress + (np.nan if base.stress is None else base.stress),
        whole=None if said.whole is None else base.energy + said.whole,
    )


_: type[Potential] = Delta
__: type[Committee] = DeltaCommittee
