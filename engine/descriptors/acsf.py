"""Atom-centred symmetry functions with derivatives, many structures at once.

Behler, J. Chem. Phys. 134, 074106 (2011). G2 = Σ_j exp(−η (r_ij − R_s)²) f_c(r_ij) and
G4 = 2^(1−ζ) Σ_{j<k} (1 + λ cos θ_jik)^ζ exp(−η (r_ij² + r_ik² + r_jk²)) f_c(r_ij) f_c(r_ik) f_c(r_jk), with
f_c(r) = ½ [cos(π r / R_c) + 1]. The Jacobian is never made: it is contracted on the way, with what depends on
the features (forces, stress) or with a direction in which atoms move.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from ase import Atoms
from ase.data import atomic_numbers

from engine.config import SymmetryFunctions
from engine.descriptors.acsf_block import Block, IntArray
from engine.descriptors.pairs import Pairs, neighbours
from engine.errors import StructureError
from engine.protocols import FloatArray

Tensor = torch.Tensor

_TOGETHER = 1300  # pairs of a block, or of one part of them: some 4000 triplets in a crystal


@dataclass(frozen=True, eq=False)
class Environments:
    """Described atoms of several structures, one after the other, ready for derivatives.

    Attributes
    ----------
    features : (n, d)
    kinds : (n,) index of each atom's species in the descriptor's list
    n_atoms : (n_structures,)
    blocks : centres whose arrays are in the cache together
    """

    features: Tensor
    kinds: Tensor
    n_atoms: tuple[int, ...]
    blocks: list[Block]

    def contracted(self, slope: Tensor) -> tuple[Tensor, Tensor]:
        """Derivatives of K energies from their derivatives by the features.

        Parameters
        ----------
        slope : (K, n, d) dE_k/dG_i

        Returns
        -------
        gradient : (K, n, 3) dE_k/dr (1/Å), an atom with all its images
        virial : (K, n_structures, 3, 3) dE_k/dε under the strain ε of positions and cell
        """
        n, members = len(self.features), len(slope)
        gradient = torch.zeros(n, members, 3, dtype=slope.dtype)
        virial = torch.zeros(n, members, 9, dtype=slope.dtype)
        for block in self.blocks:
            block.add_gradient(gradient, virial, slope)
        of = torch.repeat_interleave(torch.as_tensor(self.n_atoms))
        summed = torch.zeros(len(self.n_atoms), members, 9, dtype=slope.dtype).index_add_(0, of, virial)
        return gradient.transpose(0, 1), summed.transpose(0, 1).reshape(members, -1, 3, 3)

    def directional(self, moves: Tensor) -> Tensor:
        """Derivatives of the features along directions of all atoms, Σ_j dG_i/dr_j · v_j.

        Parameters
        ----------
        moves : (R, n, 3) v (Å)

        Returns
        -------
        (R, n, d)
        """
        changes = torch.zeros(len(moves), *self.features.shape, dtype=self.features.dtype)
        for block in self.blocks:
            block.add_directional(changes, moves)
        return changes

    def strained(self, strains: Tensor) -> Tensor:
        """Derivatives of the features along strains of positions and cell.

        Parameters
        ----------
        strains : (R, 3, 3) symmetric

        Returns
        -------
        (R, n, d)
        """
        changes = torch.zeros(len(strains), *self.features.shape, dtype=self.features.dtype)
        for block in self.blocks:
            block.add_strained(changes, strains)
        return changes


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
        n_atoms = [len(structure) for structure in structures]
        features = self._describe(structures, None)
        return tuple(part.numpy() for part in torch.split(features, n_atoms))

    def environments(self, structures: Sequence[Atoms]) -> Environments:
        """Features, ready for derivatives; 64 atoms with 42 neighbours each take 6 MB.

        Raises
        ------
        StructureError
            as `features`
        """
        blocks: list[Block] = []
        features = self._describe(structures, blocks)
        kinds = torch.as_tensor(self.kinds(structures))
        return Environments(features, kinds, tuple(len(structure) for structure in structures), blocks)

    def kinds(self, structures: Sequence[Atoms]) -> IntArray:
        """Index of each atom's species in `species`, (Σ n_atoms,).

        Raises
        ------
        StructureError
            if an element is unknown
        """
        numbers = np.array([atomic_numbers[symbol] for symbol in self.species])
        for structure in structures:
            unknown = sorted(set(structure.symbols) - set(self.species))
            if unknown:
                raise StructureError(
                    f"{structure.symbols} holds {', '.join(unknown)}; "
                    f"this descriptor knows only {', '.join(self.species)}"
                )
        found = [np.searchsorted(numbers, structure.numbers) for structure in structures]
        return np.concatenate([np.empty(0, dtype=np.int64), *found])

    def _describe(self, structures: Sequence[Atoms], blocks: list[Block] | None) -> Tensor:
        """Features (n, d); the blocks that they were made from are kept if there is a list for them."""
        kinds = self.kinds(structures)
        for structure in structures:
            if not np.isfinite(structure.positions).all():
                raise StructureError(f"{structure.symbols} has positions that are not finite")
        features = torch.zeros(len(kinds), self.n_features, dtype=torch.float64)
        for pairs in _joined(neighbours(structures, self.functions.r_cut, kinds)):
            block = Block.of(pairs, kinds, self.functions, len(self.species))
            block.add_features(features)
            if blocks is not None:
                blocks.append(block)
        return features


def _joined(parts: Iterable[Pairs]) -> Iterator[Pairs]:
    """The same pairs in fewer parts, where they are small."""
    held: list[Pairs] = []
    for part in parts:
        held.append(part)
        if sum(len(one.center) for one in held) >= _TOGETHER:
            yield _concatenated(held)
            held = []
    if held:
        yield _concatenated(held)


def _concatenated(parts: list[Pairs]) -> Pairs:
    return Pairs(
        np.concatenate([part.center for part in parts]),
        np.concatenate([part.neighbour for part in parts]),
        np.concatenate([part.vectors for part in parts], axis=1),
    )
