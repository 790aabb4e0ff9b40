"""SOAP, the smooth overlap of atomic positions.

Bartók, Kondor, Csányi, Phys. Rev. B 87, 184115 (2013), by dscribe (Himanen et al., Comput. Phys.
Commun. 247, 106949 (2020)), not normalised. dscribe's analytical derivatives are for clusters; with periodic
images as atoms of their own they serve for slabs and crystals.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dscribe.descriptors
import numpy as np
from ase import Atoms

from engine.config import DeltaSettings
from engine.descriptors.images import fold_images, with_images
from engine.errors import StructureError
from engine.protocols import FloatArray

_CENTERS = 16  # atoms whose derivatives with respect to all images are in memory together


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
        return int(self._descriptor.get_number_of_features())

    @property
    def reach(self) -> float:
        """Distance (Å) within which atoms count: the cutoff, and dscribe's tail of a Gaussian beyond it."""
        return self.settings.r_cut + float(self._descriptor.get_cutoff_padding())

    def features(self, structure: Atoms) -> FloatArray:
        """Feature vectors of all atoms.

        Returns
        -------
        (n_atoms, n_features)

        Raises
        ------
        StructureError
            if an element is unknown, a position is not finite, or the cell is flat
        """
        self._check(structure)
        cluster, _ = with_images(structure, self.reach)
        values: FloatArray = self._descriptor.create(cluster, centers=list(range(len(structure))))
        return values

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
        self._check(structure)
        cluster, home = with_images(structure, self.reach)
        if len(cluster) == len(structure):
            gradient, features = self._derivatives(cluster, range(len(cluster)))
            return features, gradient
        parts = []
        for first in range(0, len(structure), _CENTERS):
            centers = range(first, min(first + _CENTERS, len(structure)))
            gradient, features = self._derivatives(cluster, centers)
            parts.append((features, fold_images(gradient, home)))
        return np.concatenate([x for x, _ in parts]), np.concatenate([dx for _, dx in parts])

    def _derivatives(self, cluster: Atoms, centers: range) -> tuple[FloatArray, FloatArray]:
        gradient, features = self._descriptor.derivatives(
            cluster, centers=list(centers), method="analytical", attach=True
        )
        return gradient, features

    @cached_property
    def _descriptor(self) -> Any:
        return dscribe.descriptors.SOAP(
            species=self.species,
            r_cut=self.settings.r_cut,
            n_max=self.settings.n_max,
            l_max=self.settings.l_max,
            sigma=self.settings.sigma,
            periodic=False,
        )

    def _check(self, structure: Atoms) -> None:
        unknown = sorted(set(structure.symbols) - set(self.species))
        if unknown:
            raise StructureError(
                f"{structure.symbols} holds {', '.join(unknown)}; "
                f"this descriptor knows only {', '.join(self.species)}"
            )
        if not np.isfinite(structure.positions).all():
            raise StructureError(f"{structure.symbols} has positions that are not finite")
