"""What fits say of labels that they have not seen."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
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
    groups: Sequence[Hashable] | None = None,
) -> HeldOut:
    """Cross-validate over the structures from number `first` on, each predicted by a fit without its fold.

    What is of one group is left out together: a structure is no test of a fit to its own double.

    Closed forms that leave a structure out of the equations but keep its atoms among the inducing points
    expect too small an error; so every fold is a fit of its own.

    Parameters
    ----------
    recipe : how it is fitted
    structures, energies, forces, stress : what it is fitted to
    first : structures before this one are fitted to, unless they are of a group that is left out
    groups : (n,) of each structure; by default each is a group of its own

    Returns
    -------
    HeldOut of the structures from `first` on; of none if there are fewer than two structures
    """
    n, folds = len(structures), recipe.folds
    tested = np.arange(first, n) if n > 1 else np.empty(0, dtype=int)
    error, z = np.empty(len(tested)), np.empty(len(tested))
    names = list(range(n)) if groups is None else list(groups)
    in_turn = {name: k for k, name in enumerate(dict.fromkeys(names[first:]))}
    fold_of = np.array([in_turn[name] % folds if name in in_turn else -1 for name in names], dtype=int)
    for fold in range(min(folds, len(in_turn)) if len(tested) else 0):
        here = np.flatnonzero(fold_of[first:] == fold)
        out, kept = tested[here].tolist(), np.flatnonzero(fold_of != fold).tolist()
        if not kept:
            return HeldOut(np.empty(0), np.empty(0))
        known = None if forces is None else [forces[i] for i in kept]
        strained = None if stress is None else stress[kept]
        model = recipe.fit([structures[i] for i in kept], energies[kept], known, strained)
        prediction = model.predict([structures[i] for i in out])
        n_atoms = np.array([len(structures[i]) for i in out], dtype=float)
        error[here] = prediction.energy - energies[out]
        std = np.asarray(prediction.energy_std, dtype=float)
        z[here] = error[here] / np.sqrt(std**2 + recipe.variance(n_atoms))
    return HeldOut(error, z)
