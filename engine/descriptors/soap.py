"""SOAP, the smooth overlap of atomic positions.

Bartók, Kondor, Csányi, Phys. Rev. B 87, 184115 (2013), not normalised: the features of dscribe (Himanen et
al., Comput. Phys. Commun. 247, 106949 (2020)) in its radial basis and its order, of many structures at once,
periodic or not, with derivatives that are contracted on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dscribe.descriptors
import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, chemical_symbols
from numpy.typing import NDArray

from engine.config import DeltaSettings
from engine.descriptors.pairs import Pairs, neighbours
from engine.errors import StructureError
from engine.math import (
    Expansion,
    RadialBasis,
    coefficient_gradients,
    degree_factor,
    expand,
    pair_gradients,
    power_spectrum,
)
from engine.protocols import FloatArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class SOAP:
    """Smooth overlap of atomic positions, for clusters and periodic structures.

    Attributes
    ----------
    settings : cutoff (Å), expansion and width (Å)
    species : chemical symbols that may occur; their order does not matter
    """

    settings: DeltaSettings
    species: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "species", tuple(sorted(set(self.species))))

    @property
    def n_features(self) -> int:
        """Length of one atom's vector."""
        return len(self.channels[0])

    @cached_property
    def reach(self) -> float:
        """Distance (Å) within which atoms count: the cutoff, and dscribe's tail of a Gaussian beyond it."""
        return self.settings.r_cut + float(self._dscribe.get_cutoff_padding())

    @cached_property
    def channels(self) -> tuple[IntArray, IntArray, IntArray]:
        """Degree and both channels (species · n_max + radial function) of each feature.

        Species stand by atomic number; a pair of channels that differ in their order only stands once.
        """
        n_max, n_species = self.settings.n_max, len(self.species)
        found = [
            (degree, first * n_max + n, second * n_max + other)
            for first in range(n_species)
            for second in range(first, n_species)
            for degree in range(self.settings.l_max + 1)
            for n in range(n_max)
            for other in range(n if first == second else 0, n_max)
        ]
        degree, a, b = np.array(found).T
        return degree, a, b

    def features(self, structure: Atoms) -> FloatArray:
        """Feature vectors of all atoms, (n_atoms, n_features).

        Raises
        ------
        StructureError
            if an element is unknown, a position is not finite, or the cell is flat
        """
        return self.describe([structure]).features

    def features_and_gradient(self, structure: Atoms) -> tuple[FloatArray, FloatArray]:
        """Feature vectors x_i and their analytical derivatives.

        Returns
        -------
        features : (n_atoms, n_features)
        gradient : (n_atoms, n_atoms, 3, n_features), dx_i/dr_j (1/Å), r_j with all its images

        Raises
        ------
        StructureError
            as `features`
        """
        environments = self.describe([structure])
        return environments.features, environments.gradient()

    def describe(self, structures: Sequence[Atoms]) -> Environments:
        """Feature vectors of the atoms of all structures, one after the other, ready for derivatives.

        Raises
        ------
        StructureError
            as `features`
        """
        kinds = self._kinds(structures)
        degree, a, b = self.channels
        features = np.empty((len(kinds), len(degree)))
        blocks = []
        for pairs in neighbours(structures, self.reach, kinds):
            block = self._expanded(pairs, kinds)
            features[block.centers] = power_spectrum(block.expansion.coefficients)[:, degree, a, b]
            blocks.append(block)
        return Environments(self.channels, features, blocks)

    def _kinds(self, structures: Sequence[Atoms]) -> IntArray:
        """Index of each atom's species, by atomic number."""
        kind_of = np.full(len(chemical_symbols), -1)
        kind_of[self._numbers] = np.arange(len(self.species))
        kinds: IntArray = kind_of[np.concatenate([structure.numbers for structure in structures])]
        if kinds.min(initial=0) < 0 or not np.isfinite([s.positions.sum() for s in structures]).all():
            for structure in structures:
                self._check(structure)
        return kinds

    def _check(self, structure: Atoms) -> None:
        unknown = sorted(set(structure.symbols) - set(self.species))
        if unknown:
            raise StructureError(
                f"{structure.symbols} holds {', '.join(unknown)}; "
                f"this descriptor knows only {', '.join(self.species)}"
            )
        if not np.isfinite(structure.positions).all():
            raise StructureError(f"{structure.symbols} has positions that are not finite")

    def _expanded(self, pairs: Pairs, kinds: IntArray) -> _Block:
        first, n_species = pairs.center[0], len(self.species)
        centers = slice(first, pairs.center[-1] + 1)
        slots = (pairs.center - first) * n_species + kinds[pairs.neighbour]
        size = centers.stop - centers.start
        return _Block(centers, pairs, expand(pairs.vectors, slots, size, n_species, self._basis))

    @cached_property
    def _numbers(self) -> IntArray:
        return np.sort([atomic_numbers[symbol] for symbol in self.species])

    @cached_property
    def _basis(self) -> RadialBasis:
        """Overlap of a Gaussian at distance r with dscribe's radial functions Σ_k β_nk r^l exp(−α_k r²)."""
        settings = self.settings
        alphas, betas = self._dscribe.get_basis_gto(settings.r_cut, settings.n_max, settings.l_max)
        eta = 0.5 / settings.sigma**2
        total = alphas + eta
        degree = np.arange(settings.l_max + 1)[:, None]
        overlap = (np.pi / total) ** 1.5 * (eta / total) ** degree
        return RadialBasis(alphas * eta / total, betas * overlap[:, None, :])

    @cached_property
    def _dscribe(self) -> Any:
        return dscribe.descriptors.SOAP(
            species=self.species,
            r_cut=self.settings.r_cut,
            n_max=self.settings.n_max,
            l_max=self.settings.l_max,
            sigma=self.settings.sigma,
            periodic=False,
        )


@dataclass(frozen=True, eq=False)
class _Block:
    """Some centers, with the expansion of their neighbours."""

    centers: slice
    pairs: Pairs
    expansion: Expansion


@dataclass(frozen=True, eq=False)
class Environments:
    """Feature vectors of atoms, and what their derivatives need.

    Attributes
    ----------
    channels : degree and both channels of each feature
    features : (n_atoms, n_features)
    blocks : parts that are in the cache together
    """

    channels: tuple[IntArray, IntArray, IntArray]
    features: FloatArray
    blocks: list[_Block]

    def contracted(self, slope: FloatArray) -> FloatArray:
        """dE/dr_j = Σ_i dE/dx_i · dx_i/dr_j, r_j with all its images.

        Parameters
        ----------
        slope : (n_atoms, n_features) dE/dx_i

        Returns
        -------
        (n_atoms, 3)
        """
        total = np.zeros((3, len(slope)))
        for pairs, gradient in self._pair_slopes(slope):
            for axis, along in enumerate(gradient):
                total[axis] += np.bincount(pairs.neighbour, along, len(slope))
                total[axis] -= np.bincount(pairs.center, along, len(slope))
        return total.T

    def virial(self, slope: FloatArray) -> FloatArray:
        """dE/dε of each center's part, Σ dE/dr · r over its pairs, under the strain ε of positions and cell.

        Parameters
        ----------
        slope : (n_atoms, n_features) dE/dx_i

        Returns
        -------
        (n_atoms, 3, 3)
        """
        virial = np.zeros((3, 3, len(slope)))
        for pairs, gradient in self._pair_slopes(slope):
            for x, along in enumerate(gradient):
                for y, apart in enumerate(pairs.vectors):
                    virial[x, y] += np.bincount(pairs.center, along * apart, len(slope))
        return virial.transpose(2, 0, 1)

    def _pair_slopes(self, slope: FloatArray) -> Iterator[tuple[Pairs, FloatArray]]:
        """Block by block its pairs, and the derivatives (3, n_pairs) by their vectors."""
        degree, a, b = self.channels
        for block in self.blocks:
            expansion = block.expansion
            n_channels = expansion.coefficients[0].shape[1]
            half = np.zeros((len(slope[block.centers]), len(expansion.harmonics), n_channels, n_channels))
            half[:, degree, a, b] = 0.5 * slope[block.centers]
            yield block.pairs, pair_gradients(expansion, half + half.transpose(0, 1, 3, 2))

    def gradient(self) -> FloatArray:
        """All derivatives dx_i/dr_j, (n_atoms, n_atoms, 3, n_features) 1/Å."""
        n_atoms, n_features = self.features.shape
        gradient = np.zeros((n_atoms, n_atoms, 3, n_features))
        for block in self.blocks:
            pairs, moved = block.pairs, self._by_pair(block.expansion)
            # images of one neighbour follow one another
            first = np.flatnonzero(np.diff(pairs.center * n_atoms + pairs.neighbour, prepend=-1))
            if len(first) < len(moved):
                moved = np.add.reduceat(moved, first)
            gradient[pairs.center[first], pairs.neighbour[first]] = moved
        atoms = np.arange(n_atoms)
        gradient[atoms, atoms] -= gradient.sum(axis=1)  # a center's move is minus that of all others
        return gradient

    def _by_pair(self, expansion: Expansion) -> FloatArray:
        """Derivatives of a center's features by each pair's vector, (n_pairs, 3, n_features) 1/Å."""
        degree, a, b = self.channels
        n_pairs, n_max = len(expansion.slots), expansion.radial.shape[1]
        terms, jacobians = [], []
        for of_degree, c in enumerate(expansion.coefficients):
            feature = np.flatnonzero(degree == of_degree)
            left, right = a[feature], b[feature]
            jacobian = np.zeros((*c.shape, len(degree)))
            jacobian[:, left, :, feature] += c[:, right].transpose(1, 0, 2)
            jacobian[:, right, :, feature] += c[:, left].transpose(1, 0, 2)
            jacobians.append(degree_factor(of_degree) * jacobian.reshape(-1, n_max * c.shape[2], len(degree)))
            terms.append(coefficient_gradients(expansion, of_degree).reshape(n_pairs, 3, -1))
        term, jacobian = np.concatenate(terms, axis=2), np.concatenate(jacobians, axis=1)
        moved = np.empty((n_pairs, 3, len(degree)))
        first = np.flatnonzero(np.diff(expansion.slots, prepend=-1))
        for start, stop in zip(first, [*first[1:], n_pairs], strict=True):
            flat = term[start:stop].reshape(-1, term.shape[2])
            moved[start:stop] = (flat @ jacobian[expansion.slots[start]]).reshape(-1, 3, len(degree))
        return moved
