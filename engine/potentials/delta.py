"""A base potential plus its learnt correction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ase import Atoms

from engine.protocols import Potential, Prediction

if TYPE_CHECKING:
    from engine.potentials.correction import Correction  # with dscribe, over a second


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


_: type[Potential] = Delta
