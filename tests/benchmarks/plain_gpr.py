"""The published sparse GPR written down plainly: dscribe's SOAP and one dense least-squares solution.

It shares nothing with the engine but the inducing points: the same accuracy is to be had from both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from dscribe.descriptors import SOAP
from scipy.linalg import cholesky, lstsq
from scipy.spatial.distance import cdist

from engine.config import DeltaSettings


class PlainGPR:
    """Fitted to energies (n,) eV of n structures of one composition, with inducing points (m, d)."""

    def __init__(
        self, structures: Sequence[Atoms], energies: np.ndarray, settings: DeltaSettings, points: np.ndarray
    ) -> None:
        self._settings, self._points = settings, points
        self._soap = SOAP(
            species=sorted({*structures[0].symbols}),
            r_cut=settings.r_cut,
            n_max=settings.n_max,
            l_max=settings.l_max,
            sigma=settings.sigma,
            periodic=False,
        )
        self._mean = float(energies.mean())
        noise = settings.noise_energy * np.sqrt([len(structure) for structure in structures])
        # least squares in K_sm α = y and K_mm^½ α = 0 is [K_mm + K_smᵀ S⁻¹ K_sm] α = K_smᵀ S⁻¹ y, unsquared
        prior = self._kernel(points) + 1e-10 * np.eye(len(points))
        rows = np.vstack([self._summed(structures) / noise[:, None], cholesky(prior)])
        right = np.concatenate([(energies - self._mean) / noise, np.zeros(len(points))])
        self._alpha = lstsq(rows, right, lapack_driver="gelsy")[0]

    def predict(self, structures: Sequence[Atoms]) -> np.ndarray:
        """Energies, (n,) eV."""
        energies: np.ndarray = self._summed(structures) @ self._alpha + self._mean
        return energies

    def _summed(self, structures: Sequence[Atoms]) -> np.ndarray:
        return np.array([self._kernel(self._soap.create(structure)).sum(axis=0) for structure in structures])

    def _kernel(self, features: np.ndarray) -> np.ndarray:
        square = cdist(features, self._points, "sqeuclidean")
        kernel: np.ndarray = self._settings.amplitude * np.exp(-square / (2 * self._settings.length_scale**2))
        return kernel
