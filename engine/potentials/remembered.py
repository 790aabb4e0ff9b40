"""A potential that keeps what it said: of a model that never changes, nothing is asked twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from ase import Atoms

from engine.protocols import FloatArray, Prediction

_KEPT = 200_000  # atoms, at 56 bytes each


class ResolvedPotential(Protocol):
    """A potential that says each atom's part of the energy as well."""

    def predict_local(self, structures: Sequence[Atoms]) -> tuple[Prediction, tuple[FloatArray, ...]]:
        """A prediction, and n arrays (n_atoms,) eV."""
        ...


@dataclass(frozen=True, eq=False)
class Said:
    """Of one structure.

    Attributes
    ----------
    energy : eV
    local : (n_atoms,) each atom's part of it
    forces : (n_atoms, 3) eV/Å
    stress : (6,) eV/Å³ in Voigt's order; NaN where there is none
    """

    energy: float
    local: FloatArray
    forces: FloatArray
    stress: FloatArray


class Remembered:
    """What a potential says of structures; of the last ones it is kept.

    Parameters
    ----------
    potential : what is asked
    most_atoms : that are kept; the structures that were asked for longest ago go first
    """

    def __init__(self, potential: ResolvedPotential, most_atoms: int = _KEPT) -> None:
        self._potential = potential
        self._most_atoms = most_atoms
        self._kept: OrderedDict[bytes, Said] = OrderedDict()
        self._atoms = 0

    def said(self, structures: Sequence[Atoms]) -> list[Said]:
        """Of each structure, in their order."""
        keys = [_key(structure) for structure in structures]
        found = {key: self._kept[key] for key in keys if key in self._kept}
        missing = {key: s for key, s in zip(keys, structures, strict=True) if key not in found}
        found |= dict(zip(missing, self._asked(list(missing.values())), strict=True))
        for key in keys:
            self._keep(key, found[key])
        return [found[key] for key in keys]

    def _asked(self, structures: Sequence[Atoms]) -> list[Said]:
        if not structures:
            return []
        prediction, local = self._potential.predict_local(structures)
        stress = np.full((len(structures), 6), np.nan) if prediction.stress is None else prediction.stress
        parts = zip(prediction.energy, local, prediction.forces, stress, strict=True)
        return [Said(float(energy), *rest) for energy, *rest in parts]

    def _keep(self, key: bytes, said: Said) -> None:
        if key not in self._kept:
            self._atoms += len(said.local)
        self._kept[key] = said
        self._kept.move_to_end(key)
        while self._atoms > self._most_atoms:
            _, oldest = self._kept.popitem(last=False)
            self._atoms -= len(oldest.local)


def _key(structure: Atoms) -> bytes:
    """All that an energy depends on."""
    arrays = (structure.numbers, structure.positions, np.asarray(structure.cell), structure.pbc)
    return b"".join(array.tobytes() for array in arrays)
