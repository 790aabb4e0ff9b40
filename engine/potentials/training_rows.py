"""What a fit is made of: inducing points, and rows for the energy and each force of a structure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from engine.config import DeltaSettings
from engine.descriptors import SOAP
from engine.errors import StructureError
from engine.math import distinct_points, farthest_points, force_rows, leverage_points, squared_exponential
from engine.protocols import FloatArray


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of Φ of one structure, and the forces that stand beside them.

    Attributes
    ----------
    energy : (r,) eV
    force : (3 n_atoms, r) eV/Å, or (0, r) if only the energy is fitted
    force_targets : (3 n_atoms,) eV/Å, or (0,)
    """

    energy: FloatArray
    force: FloatArray
    force_targets: FloatArray

    def whitened(self, noise_energy: float, noise_force: float) -> FloatArray:
        """Rows of S^−½ Φ, the energy's first; noises are standard deviations (eV, eV/Å)."""
        return np.vstack([self.energy / noise_energy, self.force / noise_force])


def training_rows(
    structures: Sequence[Atoms],
    forces: Sequence[FloatArray] | None,
    soap: SOAP,
    inducing: FloatArray,
    whitening: FloatArray,
) -> list[Rows]:
    """Rows of each structure.

    Parameters
    ----------
    structures : n structures
    forces : n arrays (n_atoms, 3) eV/Å that the model is to reproduce, or None
    soap : descriptor; its settings hold the kernel
    inducing : (m, d) inducing points
    whitening : (m, r) of their kernel

    Raises
    ------
    StructureError
        if a structure cannot be described, or its forces are not finite or not one an atom
    """
    kernel = (soap.settings.amplitude, soap.settings.length_scale)
    found = []
    for s, structure in enumerate(structures):
        target = np.empty((0, 3)) if forces is None else np.asarray(forces[s], dtype=float)
        if forces is not None and target.shape != structure.positions.shape:
            raise StructureError(f"{structure.symbols} needs a force on each atom, got {target.shape}")
        if not np.isfinite(target).all():
            raise StructureError("a Δ-model cannot be fitted to a force that is not finite")
        if forces is None:
            features, force = soap.features(structure), np.empty((0, len(inducing)))
        else:
            features, gradient = soap.features_and_gradient(structure)
            force = force_rows(features, gradient, inducing, *kernel)
        energy = squared_exponential(features, inducing, *kernel).sum(axis=0)
        phi = np.vstack([energy, force]) @ whitening
        found.append(Rows(phi[0], phi[1:], target.ravel()))
    return found


def choose_inducing(features: FloatArray, settings: DeltaSettings) -> FloatArray:
    """Inducing points among the training set's environments (n, d): all distinct ones, if they are few."""
    count = settings.inducing_points
    if len(features) <= count:
        return features[distinct_points(features)]
    choose = leverage_points if settings.inducing == "cur" else farthest_points
    return features[choose(features, count)]
