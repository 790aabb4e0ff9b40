"""Nothing underneath: for a model that is to learn the whole energy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms

from engine.potentials.stress import voigt_stress
from engine.protocols import Potential, Prediction


class Nothing:
    """Atoms that do not interact: no energy, forces or stress."""

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Zeros; the stress is NaN without a whole cell, as everywhere."""
        n = len(structures)
        forces = tuple(np.zeros((len(structure), 3)) for structure in structures)
        return Prediction(np.zeros(n), forces, stress=voigt_stress(np.zeros((n, 3, 3)), structures))


_: type[Potential] = Nothing
