"""The Δ-model: sparse Gaussian-process regression on local SOAP vectors.

Pitfield, Christiansen, Hammer, PCCP 2026 (arXiv 2507.18485). The equations are in
:mod:`engine.math.gaussian_process`; here the arrays are fetched. Differences, reference − base, of energies
and forces are fitted by an offset per species plus a sum over atoms; forces follow analytically. The standard
deviations are scaled by one factor that makes them as large as errors on labels that were held out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.linalg.blas import dsyrk

from engine import durable
from engine.config import DeltaSettings
from engine.descriptors import SOAP
from engine.errors import CampaignError, StructureError
from engine.math import (
    factorise,
    force_rows,
    kernel_slope,
    label_noise_targets,
    solve,
    squared_exponential,
    std_weights,
    summed_kernel,
    variance,
    whitening,
)
from engine.potentials.calibrated import Calibrated
from engine.potentials.stress import has_whole_cell, voigt_stress
from engine.potentials.training_rows import checked_forces, choose_inducing
from engine.protocols import FloatArray, Potential, Prediction

_TOGETHER = 16  # structures whose rows are multiplied in one go


@dataclass(frozen=True, eq=False)
class SparseGPR(Calibrated):
    """A fitted Δ-model; `fit` and `add` make one, nothing changes it.

    Attributes
    ----------
    soap : descriptor, with the model's settings and species
    inducing : (m, d) inducing points in SOAP space
    whitening : (m, m) L^−ᵀ of their kernel LLᵀ
    normal : (r, r) Φᵀ S⁻¹ Φ, summed over energies and forces
    force_right : (r,) Φᵀ S⁻¹ y of the forces alone
    phi : (n, r) Φ of the energies
    energies : (n,) eV
    counts : (n, n_species) atoms of each species
    offsets : (n_species,) eV an atom, by least squares
    alpha : (m,) the mean is Σ α_m k(x, x_m) and the offsets
    left : (m, m) L^−ᵀ C^−ᵀ, from kernel values to what the data leave unknown
    """

    soap: SOAP
    inducing: FloatArray
    whitening: FloatArray
    normal: FloatArray
    force_right: FloatArray
    phi: FloatArray
    energies: FloatArray
    counts: FloatArray
    offsets: FloatArray
    alpha: FloatArray
    left: FloatArray

    @classmethod
    def fit(
        cls,
        structures: Sequence[Atoms],
        energies: FloatArray,
        settings: DeltaSettings,
        forces: Sequence[FloatArray] | None = None,
        *,
        species: Sequence[str] = (),
    ) -> SparseGPR:
        """Fit to differences, reference − base, of energies and forces.

        Parameters
        ----------
        structures : n structures
        energies : (n,) eV
        settings : of descriptor, kernel and noise; ``forces = false`` leaves the forces out
        forces : n arrays (n_atoms, 3) eV/Å, or None to fit energies alone
        species : elements to be ready for, beside those of the structures

        Raises
        ------
        StructureError
            if there is nothing to fit, or a structure, an energy or a force cannot be used
        """
        if len(structures) == 0:
            raise StructureError("a Δ-model needs at least one labelled structure")
        soap = SOAP(
            settings, tuple(sorted({*species, *(symbol for s in structures for symbol in s.symbols)}))
        )
        features = soap.describe(structures).features
        inducing = choose_inducing(features, settings)
        kernel = (settings.amplitude, settings.length_scale)
        independent, whitened = whitening(squared_exponential(inducing, inducing, *kernel))
        inducing = inducing[independent]
        rank, n_species = len(inducing), len(soap.species)
        empty = cls(
            soap=soap,
            inducing=inducing,
            whitening=whitened,
            normal=np.zeros((rank, rank)),
            force_right=np.zeros(rank),
            phi=np.empty((0, rank)),
            energies=np.empty(0),
            counts=np.empty((0, n_species)),
            offsets=np.zeros(n_species),
            alpha=np.zeros(rank),
            left=whitened,
        )
        return empty._with(structures, features, energies, forces)

    def add(
        self,
        structures: Sequence[Atoms],
        energies: FloatArray,
        forces: Sequence[FloatArray] | None = None,
    ) -> SparseGPR:
        """The fit to more structures with the same inducing points and calibration.

        The rows of new structures are added to the normal equations: equal to a full fit with these points.

        Parameters
        ----------
        structures, energies, forces : as in `fit`

        Raises
        ------
        StructureError
            as in `fit`, or if an element is new
        """
        if len(structures) == 0:
            return self
        return self._with(structures, self.soap.describe(structures).features, energies, forces)

    def _with(
        self,
        structures: Sequence[Atoms],
        features: FloatArray,
        energies: FloatArray,
        forces: Sequence[FloatArray] | None,
    ) -> SparseGPR:
        if len(energies) != len(structures) or not np.isfinite(energies).all():
            raise StructureError("a Δ-model cannot be fitted to an energy that is not finite")
        settings = self.soap.settings
        n_atoms = np.array([len(structure) for structure in structures])
        phi = summed_kernel(features, n_atoms, self.inducing, *self._kernel) @ self.whitening
        scaled = phi / (settings.noise_energy * np.sqrt(n_atoms))[:, None]
        normal, force_right = self.normal + scaled.T @ scaled, self.force_right
        if forces is not None and settings.forces:
            force_normal, right = self._force_equations(structures, checked_forces(structures, forces))
            normal, force_right = normal + force_normal, force_right + right
        all_energies = np.concatenate([self.energies, energies])
        counts = np.concatenate([self.counts, _counts(structures, self.soap.species)])
        # one stoichiometry leaves the offsets open; the least-norm solution then subtracts the mean
        offsets = np.linalg.lstsq(counts, all_energies, rcond=None)[0].astype(float)
        model = replace(
            self,
            normal=normal,
            force_right=force_right,
            phi=np.vstack([self.phi, phi]),
            energies=all_energies,
            counts=counts,
            offsets=offsets,
        )
        factor = factorise(normal)
        return replace(
            model,
            alpha=self.whitening @ solve(factor, model._right),
            left=solve_triangular(factor, self.whitening.T, lower=True).T,
        )

    def _force_equations(
        self, structures: Sequence[Atoms], targets: list[FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """Φᵀ S⁻¹ Φ and Φᵀ S⁻¹ y of the forces (eV/Å) of `structures`."""
        rank, noise = self.whitening.shape[1], self.soap.settings.noise_force
        normal, right = np.zeros((rank, rank), order="F"), np.zeros(rank)
        for first in range(0, len(structures), _TOGETHER):
            chunk = slice(first, first + _TOGETHER)
            described = (self.soap.features_and_gradient(structure) for structure in structures[chunk])
            rows = np.vstack([force_rows(*found, self.inducing, *self._kernel) for found in described])
            block = rows @ self.whitening / noise
            normal = dsyrk(1.0, block.T, beta=1.0, c=normal, overwrite_c=1)  # its upper half
            right += block.T @ np.concatenate(targets[chunk]) / noise
        return np.triu(normal) + np.triu(normal, 1).T, right

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Correction E_Δ (eV), its forces (eV/Å), stress (eV/Å³) and calibrated standard deviations (eV).

        Raises
        ------
        StructureError
            if an element is neither in the training set nor one it was made ready for
        """
        return self.lower_bound(structures, kappa=0.0)

    def lower_bound(self, structures: Sequence[Atoms], kappa: float) -> Prediction:
        """E_Δ − κσ (eV) with its forces (eV/Å) and stress (eV/Å³), and standard deviations as `predict`.

        Raises
        ------
        StructureError
            as `predict`
        """
        if len(structures) == 0:
            return Prediction(np.empty(0), (), np.empty(0), tuple, np.empty((0, 6)))
        environments = self.soap.describe(structures)
        features, length = environments.features, self.soap.settings.length_scale
        n_atoms = np.array([len(structure) for structure in structures])
        starts = np.cumsum(n_atoms) - n_atoms
        kernel = squared_exponential(features, self.inducing, *self._kernel)
        energy = np.add.reduceat(kernel @ self.alpha, starts)
        energy += _counts(structures, self.soap.species) @ self.offsets
        alone = np.split(features, starts[1:])
        own = [squared_exponential(x, x, *self._kernel) for x in alone]
        summed = np.add.reduceat(kernel, starts, axis=0)
        phi, left = summed @ self.whitening, summed @ self.left
        std = np.sqrt(variance(np.array([k.sum() for k in own]), phi, left))
        pull = kappa * self.std_scale
        if pull:
            maps = (self.whitening, self.left)
            weights = np.repeat(self.alpha - pull * std_weights(std, phi, left, maps), n_atoms, axis=0)
            slope = kernel_slope(features, self.inducing, kernel * weights, length)
            inverse = np.divide(pull, std, out=np.zeros_like(std), where=std > 0)
            parts = zip(alone, own, inverse, strict=True)
            slope -= np.concatenate([w * kernel_slope(x, x, k, length) for x, k, w in parts])
        else:
            slope = kernel_slope(features, self.inducing, kernel * self.alpha, length)
        forces = tuple(np.split(-environments.contracted(slope), starts[1:]))
        local_std = partial(self._atom_std, kernel, starts)
        stress = np.full((len(structures), 6), np.nan)
        if any(map(has_whole_cell, structures)):
            stress = voigt_stress(np.add.reduceat(environments.virial(slope), starts), structures)
        return Prediction(energy - pull * std, forces, self.std_scale * std, local_std, stress)

    def local_energies(self, structures: Sequence[Atoms]) -> tuple[FloatArray, ...]:
        """Each atom's part of E_Δ, its offset included: n arrays (n_atoms,) eV.

        Raises
        ------
        StructureError
            as `predict`
        """
        if len(structures) == 0:
            return ()
        numbers = [atomic_numbers[symbol] for symbol in self.soap.species]
        offset = dict(zip(numbers, self.offsets, strict=True))
        features = self.soap.describe(structures).features
        local = squared_exponential(features, self.inducing, *self._kernel) @ self.alpha
        local += [offset[z] for structure in structures for z in structure.numbers.tolist()]
        return tuple(np.split(local, np.cumsum([len(structure) for structure in structures])[:-1]))

    def _atom_std(self, kernel: FloatArray, starts: NDArray[np.int64]) -> tuple[FloatArray, ...]:
        prior = np.full(len(kernel), self.soap.settings.amplitude)
        std = np.sqrt(variance(prior, kernel @ self.whitening, kernel @ self.left))
        return tuple(np.split(self.std_scale * std, starts[1:]))

    def ensemble(
        self, structures: Sequence[Atoms], rng: np.random.Generator | int, members: int = 10
    ) -> FloatArray:
        """Energies of the label-noise ensemble: noisy right-hand sides on the one factorisation.

        Parameters
        ----------
        structures : n structures
        rng : source of the noise; the same seed gives the same members
        members : M

        Returns
        -------
        (M, n) eV
        """
        if len(structures) == 0:
            return np.empty((members, 0))
        noisy: FloatArray = label_noise_targets(
            self.targets, self.n_atoms, members, np.random.default_rng(rng)
        )
        right = self.phi.T @ (noisy / self._noise).T + self.force_right[:, None]
        weights = solve(factorise(self.normal), right)
        features = self.soap.describe(structures).features
        n_atoms = np.array([len(structure) for structure in structures])
        phi = summed_kernel(features, n_atoms, self.inducing, *self._kernel) @ self.whitening
        energies: FloatArray = (phi @ weights).T + _counts(structures, self.soap.species) @ self.offsets
        return energies

    def summed_features(self, structures: Sequence[Atoms]) -> FloatArray:
        """Descriptors summed over each structure's atoms, (n, d)."""
        starts = np.cumsum([0, *(len(structure) for structure in structures[:-1])])
        summed: FloatArray = np.add.reduceat(self.soap.describe(structures).features, starts, axis=0)
        return summed

    def save(self, path: Path) -> None:
        """Write the model's arrays and settings as ``.npz``."""
        arrays: dict[str, Any] = self.arrays()
        durable.replace(path, lambda file: np.savez(file, **arrays))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of the model, by name."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "soap"}
        settings = np.array(self.soap.settings.model_dump_json())
        return {"settings": settings, "species": np.array(self.soap.species), **arrays}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> SparseGPR:
        """The model that `arrays` gave."""
        settings = DeltaSettings.model_validate_json(str(arrays["settings"]))
        soap = SOAP(settings, tuple(str(symbol) for symbol in arrays["species"]))
        return cls(soap, **{f.name: arrays[f.name] for f in fields(cls) if f.name != "soap"})

    @classmethod
    def load(cls, path: Path) -> SparseGPR:
        """Read what `save` wrote; nothing in it is run.

        Raises
        ------
        CampaignError
            if `path` is not such a file
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                return cls.of_arrays(file)
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise CampaignError(f"{path} is not a Δ-model that can be read: {error}") from error

    @property
    def n_atoms(self) -> NDArray[np.int64]:
        """Atoms of each training structure, (n,)."""
        n_atoms: NDArray[np.int64] = self.counts.sum(axis=1).astype(np.int64)
        return n_atoms

    @property
    def targets(self) -> FloatArray:
        """Energies with the offsets subtracted, (n,) eV."""
        remaining: FloatArray = self.energies - self.counts @ self.offsets
        return remaining

    @property
    def _noise(self) -> FloatArray:
        """Variance of each energy, σ_E² N (eV²)."""
        return self.soap.settings.noise_energy**2 * self.n_atoms.astype(float)

    @property
    def _right(self) -> FloatArray:
        """Φᵀ S⁻¹ y, (r,)."""
        right: FloatArray = self.phi.T @ (self.targets / self._noise) + self.force_right
        return right

    @property
    def _kernel(self) -> tuple[float, float]:
        return self.soap.settings.amplitude, self.soap.settings.length_scale


def _counts(structures: Sequence[Atoms], species: tuple[str, ...]) -> FloatArray:
    """Atoms of each species, (n, n_species)."""
    numbers = np.array([atomic_numbers[symbol] for symbol in species])
    return np.array([(s.numbers[:, None] == numbers).sum(axis=0) for s in structures], dtype=float)


_: type[Potential] = SparseGPR
