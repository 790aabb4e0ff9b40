"""The lower confidence bound E − κσ as a surface to relax on: down to where a structure may be better.

Bisbo & Hammer, Phys. Rev. Lett. 124, 086102 (2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ase import Atoms

from engine.potentials.delta import Delta
from engine.protocols import Potential, Prediction


@dataclass(frozen=True)
class LowerBound:
    """E − κσ of a corrected potential, with the gradient of σ; without a correction σ is 0.

    Attributes
    ----------
    surrogate : base potential and its Δ-model
    kappa : κ
    """

    surrogate: Delta
    kappa: float

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """The bound (eV) and minus its gradient (eV/Å); σ as the surrogate gives it."""
        return self.surrogate.lower_bound(structures, self.kappa)


_: type[Potential] = LowerBound
