"""From structures to what a network sees: standardised features, their changes along random directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from ase import Atoms
from numpy.typing import NDArray

from engine.descriptors.acsf import ACSF, Environments
from engine.math import strain_tensor
from engine.potentials.chunks import chunks
from engine.potentials.network_training import Tensor, TrainingSet
from engine.protocols import FloatArray

CHUNK = 512  # atoms that are described together: some 50 MB in a crystal
_RIDGE = 0.01  # of the largest variance: directions in which features hardly vary are not blown up further
_DEAD = 1e-9  # standard deviation of a feature that says nothing


@dataclass(frozen=True, eq=False)
class Standardisation:
    """Features without their correlations and of about unit variance, species by species.

    Symmetry functions are nearly collinear: an optimiser that steps along each of them does not get far.

    Attributes
    ----------
    mean : (n_species, d) of the features
    transform : (n_species, d, d) from deviations to inputs
    """

    mean: FloatArray
    transform: FloatArray

    @classmethod
    def of(cls, features: FloatArray, kinds: NDArray[np.int64], n_species: int) -> Standardisation:
        """Measure it on the features (n, d) of atoms of these species; one that does not occur gets zeros."""
        d = features.shape[1]
        mean, transform = np.zeros((n_species, d)), np.zeros((n_species, d, d))
        for kind in np.unique(kinds):
            own = features[kinds == kind]
            mean[kind], std = own.mean(axis=0), own.std(axis=0)
            inverse = np.divide(1.0, std, out=np.zeros(d), where=std > _DEAD)
            deviations = (own - mean[kind]) * inverse
            variance, axes = np.linalg.eigh(deviations.T @ deviations / len(own))
            if inverse.any():
                transform[kind] = inverse[:, None] * axes / np.sqrt(variance + _RIDGE * variance[-1])
        return cls(mean, transform)

    def inputs(self, features: Tensor, kinds: Tensor) -> Tensor:
        """Inputs (n, d) in double precision."""
        inputs = torch.empty(features.shape, dtype=torch.float64)
        for kind, atoms in _atoms_of(kinds):
            deviations = features[atoms] - torch.as_tensor(self.mean[kind])
            inputs[atoms] = deviations @ torch.as_tensor(self.transform[kind])
        return inputs

    def changes(self, changes: Tensor, kinds: Tensor) -> Tensor:
        """What the inputs change by when the features change by `changes` (n, R, d)."""
        transformed = torch.empty_like(changes)
        for kind, atoms in _atoms_of(kinds):
            transformed[atoms] = changes[atoms] @ torch.as_tensor(self.transform[kind])
        return transformed

    def slopes(self, slopes: Tensor, kinds: Tensor) -> Tensor:
        """Derivatives by the features from derivatives by the inputs, both (K, n, d)."""
        back = torch.empty_like(slopes)
        for kind, atoms in _atoms_of(kinds):
            back[:, atoms] = slopes[:, atoms] @ torch.as_tensor(self.transform[kind]).T
        return back


def described(
    acsf: ACSF,
    structures: Sequence[Atoms],
    energies: FloatArray,
    forces: Sequence[FloatArray],
    *,
    noise: tuple[float, float],
    rng: np.random.Generator,
    stress: FloatArray | None = None,
) -> TrainingSet:
    """Features as they are, with their changes along random directions and strains, batch by batch.

    Parameters
    ----------
    acsf : descriptor
    structures : n structures
    energies : (n,) eV
    forces : n arrays (R, n_atoms, 3) eV/Å, the same forces R times; R is the number of directions
    noise : of forces (eV/Å) and stress (eV/Å³)
    rng : source of the directions
    stress : (n, 6) eV/Å³ in Voigt's order, NaN where there is none; None: strains are left out
    """
    parts, first = [], 0
    for chunk in chunks(structures, CHUNK):
        environments = acsf.environments(chunk)
        given = np.concatenate(forces[: len(chunk)], axis=1)
        forces = forces[len(chunk) :]
        moves = rng.standard_normal(given.shape)
        starts = np.cumsum([0, *environments.n_atoms[:-1]])
        slopes = torch.as_tensor(np.add.reduceat(-(moves * given).sum(axis=2), starts, axis=1).T)
        changes = environments.directional(torch.as_tensor(moves)).transpose(0, 1)
        n_components = 3.0 * torch.as_tensor(environments.n_atoms)[:, None]
        precision = 1 / (max(len(moves), 1) * n_components * noise[0] ** 2)
        along = [(changes, slopes, precision.expand_as(slopes))]
        if stress is not None:
            along.append(_along_strains(environments, chunk, stress[first : first + len(chunk)], noise[1]))
        first += len(chunk)
        joined = (torch.cat(arrays, dim=1) for arrays in zip(*along, strict=True))
        parts.append((environments.features, environments.kinds, *joined))
    features, kinds, changes, slopes, precision = (torch.cat(arrays) for arrays in zip(*parts, strict=True))
    n_atoms = torch.as_tensor([len(structure) for structure in structures])
    return TrainingSet(features, kinds, n_atoms, torch.as_tensor(energies), changes, slopes, precision)


def _along_strains(
    environments: Environments, structures: Sequence[Atoms], stress: FloatArray, noise: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Changes of the features (n, 6, d) along the six strains, slopes V σ and their precision, (n, 6)."""
    changes = environments.strained(torch.as_tensor(strain_tensor(np.eye(6)))).transpose(0, 1)
    known = np.asarray(np.isfinite(stress).all(axis=1))[:, None]
    volume = np.array([s.cell.volume if one else 1.0 for s, one in zip(structures, known, strict=True)])[
        :, None
    ]
    slopes = np.where(known, volume * stress, 0.0)
    precision = np.where(known, 1 / (6 * (volume * noise) ** 2), 0.0)
    return changes, torch.as_tensor(slopes), torch.as_tensor(np.repeat(precision, 6, axis=1))


def counts(kinds: Tensor, n_atoms: Tensor, n_species: int) -> FloatArray:
    """Atoms of each species in each structure, (n, n_species)."""
    of = torch.repeat_interleave(n_atoms)
    found = torch.bincount(of * n_species + kinds, minlength=len(n_atoms) * n_species)
    return found.reshape(-1, n_species).numpy().astype(float)


def _atoms_of(kinds: Tensor) -> list[tuple[int, Tensor]]:
    return [(kind, (kinds == kind).nonzero().squeeze(1)) for kind in torch.unique(kinds).tolist()]
