"""What a fit is made of: inducing points, and forces that can be fitted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms

from engine.config import DeltaSettings
from engine.errors import StructureError
from engine.math import distinct_points, farthest_points, leverage_points
from engine.potentials.stress import has_whole_cell
from engine.protocols import FloatArray


def checked_forces(structures: Sequence[Atoms], forces: Sequence[FloatArray]) -> list[FloatArray]:
    """Forces that a model is to reproduce, n arrays (3 n_atoms,) eV/Å.

    Raises
    ------
    StructureError
        if they are not finite or not one an atom
    """
    found = []
    for structure, given in zip(structures, forces, strict=True):
        target = np.asarray(given, dtype=float)
        if target.shape != structure.positions.shape:
            raise StructureError(f"{structure.symbols} needs a force on each atom, got {target.shape}")
        if not np.isfinite(target).all():
            raise StructureError("a Δ-model cannot be fitted to a force that is not finite")
        found.append(target.ravel())
    return found


def checked_stress(structures: Sequence[Atoms], stress: FloatArray | None) -> FloatArray | None:
    """Stress that a model is to reproduce, (n, 6) eV/Å³; None if no structure has one.

    Raises
    ------
    StructureError
        if it is not six numbers a structure
    """
    if stress is None:
        return None
    given = np.asarray(stress, dtype=float)
    if given.shape != (len(structures), 6):
        raise StructureError(
            f"the stress is six numbers for each of {len(structures)} structures, got {given.shape}"
        )
    usable = np.isfinite(given).all(axis=1) & [has_whole_cell(structure) for structure in structures]
    return np.where(usable[:, None], given, np.nan) if usable.any() else None


def choose_inducing(features: FloatArray, settings: DeltaSettings) -> FloatArray:
    """Inducing points among the training set's environments (n, d): all distinct ones, if they are few."""
    count = settings.inducing_points
    if len(features) <= count:
        return features[distinct_points(features)]
    choose = leverage_points if settings.inducing == "cur" else farthest_points
    return features[choose(features, count)]
