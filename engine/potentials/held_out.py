"""What fits say of labels that they have not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from engine.config import DeltaSettings
from engine.potentials.sparse_gpr import SparseGPR
from engine.protocols import FloatArray

FOLDS = 5


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Errors of predictions that did not know the label.

    Attributes
    ----------
    error : (n,) predicted − true energy (eV)
    z : (n,) error over its expected size, √(σ² + σ_E² N) before any calibration
    """

    error: FloatArray
    z: FloatArray


def held_out(
    structures: Sequence[Atoms],
    energies: FloatArray,
    settings: DeltaSettings,
    forces: Sequence[FloatArray] | None = None,
    *,
    first: int = 0,
    folds: int = FOLDS,
    species: Sequence[str] = (),
) -> HeldOut:
    """Cross-validate over the structures from number `first` on, each predicted by a fit without its fold.

    Closed forms that leave a structure out of the equations but keep its atoms among the inducing points
    expect too small an error; so every fold is a fit of its own.

    Parameters
    ----------
    structures, energies, settings, forces, species : as in `SparseGPR.fit`
    first : structures before this one are always fitted to
    folds : most fits, each without every `folds`-th structure

    Returns
    -------
    HeldOut of the structures from `first` on; of none if there are fewer than two structures
    """
    n = len(structures)
    tested = np.arange(first, n) if n > 1 else np.empty(0, dtype=int)
    species = sorted({*species, *(symbol for structure in structures for symbol in structure.symbols)})
    error, z = np.empty(len(tested)), np.empty(len(tested))
    for fold in range(min(folds, len(tested))):
        out = tested[fold::folds]
        kept = np.setdiff1d(np.arange(n), out)
        if len(kept) == 0:
            return HeldOut(np.empty(0), np.empty(0))
        model = SparseGPR.fit(
            [structures[i] for i in kept],
            energies[kept],
            settings,
            None if forces is None else [forces[i] for i in kept],
            species=species,
        )
        prediction = model.predict([structures[i] for i in out])
        n_atoms = np.array([len(structures[i]) for i in out])
        error[fold::folds] = prediction.energy - energies[out]
        std = np.asarray(prediction.energy_std, dtype=float)
        expected = std**2 + settings.noise_energy**2 * n_atoms
        z[fold::folds] = error[fold::folds] / np.sqrt(expected)
    return HeldOut(error, z)
