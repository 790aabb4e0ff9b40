"""What fits say of labels that they have not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from engine.potentials.correction import Recipe
from engine.protocols import FloatArray


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Errors of predictions that did not know the label.

    Attributes
    ----------
    error : (n,) predicted − true energy (eV)
    z : (n,) error over its expected size, with the noise of its label, before any calibration
    """

    error: FloatArray
    z: FloatArray


def held_out(
    recipe: Recipe,
    structures: Sequence[Atoms],
    energies: FloatArray,
    forces: Sequence[FloatArray] | None = None,
    stress: FloatArray | None = None,
    *,
    first: int = 0,
) -> HeldOut:
    """Cross-validate over the structures from number `first` on, each predicted by a fit without its fold.

    Closed forms that leave a structure out of the equations but keep its atoms among the inducing points
    expect too small an error; so every fold is a fit of its own.

    Parameters
    ----------
    recipe : how it is fitted
    structures, energies, forces, stress : what it is fitted to
    first : structures before this one are always fitted to

    Returns
    -------
    HeldOut of the structures from `first` on; of none if there are fewer than two structures
    """
    n, folds = len(structures), recipe.folds
    tested = np.arange(first, n) if n > 1 else np.empty(0, dtype=int)
    error, z = np.empty(len(tested)), np.empty(len(tested))
    for fold in range(min(folds, len(tested))):
        out = tested[fold::folds]
        kept = np.setdiff1d(np.arange(n), out)
        if len(kept) == 0:
            return HeldOut(np.empty(0), np.empty(0))
        known = None if forces is None else [forces[i] for i in kept]
        strained = None if stress is None else stress[kept]
        model = recipe.fit([structures[i] for i in kept], energies[kept], known, strained)
        prediction = model.predict([structures[i] for i in out])
        n_atoms = np.array([len(structures[i]) for i in out], dtype=float)
        error[fold::folds] = prediction.energy - energies[out]
        std = np.asarray(prediction.energy_std, dtype=float)
        z[fold::folds] = error[fold::folds] / np.sqrt(std**2 + recipe.variance(n_atoms))
    return HeldOut(error, z)
