"""The lower confidence bound E − κσ as a surface to relax on: down to where a structure may be better.

Bisbo & Hammer, Phys. Rev. Lett. 124, 086102 (2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from engine.math import std_and_slope
from engine.potentials.delta import Delta
from engine.protocols import FloatArray, Potential, Prediction


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
        said = self.surrogate.predict(structures)
        if said.energy_std is None:
            return said
        pull = [self._std_gradient(structure) for structure in structures]
        forces = tuple(f + self.kappa * g for f, g in zip(said.forces, pull, strict=True))
        return Prediction(said.energy - self.kappa * said.energy_std, forces, said.energy_std, said.atom_std)

    def _std_gradient(self, structure: Atoms) -> FloatArray:
        """dσ/dr (n_atoms, 3) eV/Å, calibrated as σ is."""
        model = self.surrogate.correction
        if model is None:
            return np.zeros((len(structure), 3))
        features, gradient = model.soap.features_and_gradient(structure)
        settings = model.soap.settings
        _, slope = std_and_slope(
            features,
            model.inducing,
            model.whitening,
            model.left,
            amplitude=settings.amplitude,
            length_scale=settings.length_scale,
        )
        # Σ_i dσ/dx_i · dx_i/dr_j
        pull: FloatArray = model.std_scale * np.tensordot(slope, gradient, axes=([0, 1], [0, 3]))
        return pull


_: type[Potential] = LowerBound
