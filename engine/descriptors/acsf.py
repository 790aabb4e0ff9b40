"""Atom-centred symmetry functions with derivatives, many structures at once.

Behler, J. Chem. Phys. 134, 074106 (2011). G2 = Σ_j exp(−η (r_ij − R_s)²) f_c(r_ij) and
G4 = 2^(1−ζ) Σ_{j<k} (1 + λ cos θ_jik)^ζ exp(−η (r_ij² + r_ik² + r_jk²)) f_c(r_ij) f_c(r_ik) f_c(r_jk), with
f_c(r) = ½ [cos(π r / R_c) + 1]. Torch differentiates each function by the distances it depends on; the chain
rule to positions is a sum over pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from ase import Atoms
from ase.data import atomic_numbers
from numpy.typing import NDArray

from engine.descriptors.pairs import all_pairs
from engine.descriptors.symmetry_functions import SymmetryFunctions
from engine.errors import StructureError
from engine.protocols import FloatArray

Tensor = torch.Tensor


@dataclass(frozen=True)
class Environments:
    """Described atoms of several structures, one after the other.

    Attributes
    ----------
    features : (n, d)
    center, neighbor : (n_pairs,) indices of atoms; an atom met in several images has several pairs
    gradient : (n_pairs, 3, d) dG_center/dr_neighbor (1/Å) of this image; −Σ of a centre is its own
    n_atoms : (n_structures,)
    """

    features: Tensor
    center: Tensor
    neighbor: Tensor
    gradient: Tensor
    n_atoms: tuple[int, ...]


@dataclass(frozen=True)
class _Geometry:
    """Pairs and triplets; `first` and `second` are the two legs (pairs) of a triplet about one centre."""

    center: NDArray[np.int64]
    neighbor: NDArray[np.int64]
    species: NDArray[np.int64]
    vector: FloatArray
    first: NDArray[np.int64]
    second: NDArray[np.int64]


@dataclass(frozen=True)
class ACSF:
    """Symmetry functions of clusters and periodic structures.

    Features of an atom: for each species its G2, then for each pair of species its G4.

    Attributes
    ----------
    functions : cutoff and parameters
    species : chemical symbols that may occur; their order does not matter
    """

    functions: SymmetryFunctions
    species: tuple[str, ...]

    def __post_init__(self) -> None:
        by_number = sorted(set(self.species), key=lambda symbol: atomic_numbers[symbol])
        object.__setattr__(self, "species", tuple(by_number))

    @property
    def n_features(self) -> int:
        """Length of one atom's vector."""
        return self.functions.n_features(len(self.species))

    def features(self, structures: Sequence[Atoms]) -> tuple[FloatArray, ...]:
        """Feature vectors of all atoms: n arrays (n_atoms, n_features).

        Raises
        ------
        StructureError
            if an element is unknown, a position is not finite, or the cell is flat
        """
        if not structures:
            return ()
        described = self._describe(structures, gradient=False)
        return tuple(part.numpy() for part in torch.split(described.features, list(described.n_atoms)))

    def environments(self, structures: Sequence[Atoms]) -> Environments:
        """Features with their derivatives.

        Raises
        ------
        StructureError
            as `features`
        """
        return self._describe(structures, gradient=True)

    def _describe(self, structures: Sequence[Atoms], *, gradient: bool) -> Environments:
        geometries = [self._geometry(structure) for structure in structures]
        n_atoms = tuple(len(structure) for structure in structures)
        parts = [
            self._evaluate(geometry, n, gradient=gradient)
            for geometry, n in zip(geometries, n_atoms, strict=True)
        ]
        starts = np.cumsum([0, *n_atoms[:-1]])
        center = [g.center + start for g, start in zip(geometries, starts, strict=True)]
        neighbor = [g.neighbor + start for g, start in zip(geometries, starts, strict=True)]
        return Environments(
            features=torch.cat([features for features, _ in parts]),
            center=torch.as_tensor(np.concatenate(center)),
            neighbor=torch.as_tensor(np.concatenate(neighbor)),
            gradient=torch.cat([slopes for _, slopes in parts]),
            n_atoms=n_atoms,
        )

    def _geometry(self, structure: Atoms) -> _Geometry:
        unknown = sorted(set(structure.symbols) - set(self.species))
        if unknown:
            raise StructureError(
                f"{structure.symbols} holds {', '.join(unknown)}; "
                f"this descriptor knows only {', '.join(self.species)}"
            )
        if not np.isfinite(structure.positions).all():
            raise StructureError(f"{structure.symbols} has positions that are not finite")
        pairs = all_pairs([structure], self.functions.r_cut)
        apart = pairs.vectors.any(axis=0)
        center, other, vector = pairs.center[apart], pairs.neighbour[apart], pairs.vectors[:, apart].T
        place = np.array([self.species.index(symbol) for symbol in structure.symbols])
        first, second = _triplets(np.bincount(center, minlength=len(structure)).tolist())
        met = np.linalg.norm(vector[first] - vector[second], axis=1) < self.functions.r_cut
        return _Geometry(center, other, place[other], vector, first[met], second[met])

    def _evaluate(self, geometry: _Geometry, n_atoms: int, *, gradient: bool) -> tuple[Tensor, Tensor]:
        features = torch.zeros(self.n_features, n_atoms, dtype=torch.float64)
        slopes = torch.zeros(self.n_features if gradient else 0, len(geometry.center), 3, dtype=torch.float64)
        vector = torch.as_tensor(geometry.vector)
        self._radial(geometry, vector, features, slopes)
        self._angular(geometry, vector, features, slopes)
        return features.T.contiguous(), slopes.permute(1, 2, 0).contiguous()

    def _radial(self, geometry: _Geometry, vector: Tensor, features: Tensor, slopes: Tensor) -> None:
        center = torch.as_tensor(geometry.center)
        r = vector.norm(dim=1).requires_grad_()
        cut = _cutoff(r, self.functions.r_cut)
        for s in range(len(self.species)):
            of_species = torch.as_tensor(np.flatnonzero(geometry.species == s))
            for k, (eta, shift) in enumerate(self.functions.g2, start=s * len(self.functions.g2)):
                value = (torch.exp(-eta * (r - shift) ** 2) * cut)[of_species]
                features[k].index_add_(0, center[of_species], value.detach())
                if len(slopes):
                    (slope,) = torch.autograd.grad(value.sum(), r, retain_graph=True)
                    slopes[k] += slope[:, None] * vector / r.detach()[:, None]

    def _angular(self, geometry: _Geometry, vector: Tensor, features: Tensor, slopes: Tensor) -> None:
        n_species, angular = len(self.species), self.functions.angular
        pairs = [(a, b) for a in range(n_species) for b in range(a, n_species)]
        low = np.minimum(geometry.species[geometry.first], geometry.species[geometry.second])
        high = np.maximum(geometry.species[geometry.first], geometry.species[geometry.second])
        base = n_species * len(self.functions.g2)
        for block, (a, b) in enumerate(pairs):
            chosen = np.flatnonzero((low == a) & (high == b))
            first = torch.as_tensor(geometry.first[chosen])
            second = torch.as_tensor(geometry.second[chosen])
            center = torch.as_tensor(geometry.center)[first]
            triplet = _Triplet.of(vector[first], vector[second], self.functions.r_cut)
            for k, parameters in enumerate(angular, start=base + block * len(angular)):
                value = triplet.g4(*parameters)
                features[k].index_add_(0, center, value.detach())
                if len(slopes):
                    along_first, along_second = triplet.slopes(value)
                    slopes[k].index_add_(0, first, along_first)
                    slopes[k].index_add_(0, second, along_second)


@dataclass(frozen=True)
class _Triplet:
    """Three distances (t,) about each centre, what all functions share, and unit vectors (t, 3)."""

    distances: tuple[Tensor, Tensor, Tensor]
    cosine: Tensor
    squares: Tensor
    cut: Tensor
    units: tuple[Tensor, Tensor, Tensor]

    @classmethod
    def of(cls, first: Tensor, second: Tensor, r_cut: float) -> _Triplet:
        vectors = (first, second, second - first)
        lengths = [vector.norm(dim=1) for vector in vectors]
        units = [vector / length[:, None] for vector, length in zip(vectors, lengths, strict=True)]
        a, b, c = (length.clone().requires_grad_() for length in lengths)
        cosine = (a**2 + b**2 - c**2) / (2 * a * b)
        cut = _cutoff(a, r_cut) * _cutoff(b, r_cut) * _cutoff(c, r_cut)
        return cls((a, b, c), cosine, a**2 + b**2 + c**2, cut, (units[0], units[1], units[2]))

    def g4(self, eta: float, zeta: float, sign: float) -> Tensor:
        # rounding may take λ cos θ below −1, where a power that is no integer is not a number
        angle = torch.clamp(1 + sign * self.cosine, min=0.0) ** zeta
        return 2 ** (1 - zeta) * angle * torch.exp(-eta * self.squares) * self.cut

    def slopes(self, value: Tensor) -> tuple[Tensor, Tensor]:
        """Derivatives by the vectors of the two legs, (t, 3) each; the third side is second − first."""
        a, b, c = torch.autograd.grad(value.sum(), self.distances, retain_graph=True)
        third = c[:, None] * self.units[2]
        return a[:, None] * self.units[0] - third, b[:, None] * self.units[1] + third


def _cutoff(r: Tensor, r_cut: float) -> Tensor:
    return 0.5 * (torch.cos(torch.pi * r / r_cut) + 1)


def _triplets(counts: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of pairs about the same centre; centre i has `counts[i]` pairs, one after the other."""
    starts = np.cumsum([0, *counts])[:-1]
    halves = [np.triu_indices(count, k=1) for count in counts]
    empty = np.empty(0, dtype=np.int64)
    first = np.concatenate([empty, *(a + start for (a, _), start in zip(halves, starts, strict=True))])
    second = np.concatenate([empty, *(b + start for (_, b), start in zip(halves, starts, strict=True))])
    return first, second
