"""Clusters that fell into pieces."""

from __future__ import annotations

import numpy as np
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engine.config import ChecksSettings
from engine.protocols import Check, Examined, Flag


class Fragments:
    """Flags a structure whose bonds do not connect all of it; a crystal may be made of molecules.

    Parameters
    ----------
    settings : longest bond, in units of the covalent sum
    """

    def __init__(self, settings: ChecksSettings) -> None:
        self._factor = settings.fragments

    def __call__(self, examined: Examined) -> Flag | None:
        """Return a flag that lists the pieces, largest first, or None; bonds to periodic images count."""
        structure = examined.structure
        if structure.pbc.all():
            return None
        n_atoms = len(structure)
        radii = covalent_radii[structure.numbers]
        first, second = neighbor_list("ij", structure, list(self._factor * radii))
        bonds = coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(n_atoms, n_atoms))
        count, labels = connected_components(bonds, directed=False)
        if count <= 1:
            return None
        largest_first = np.argsort(-np.bincount(labels), kind="stable")
        formulas = [structure.symbols[labels == label].get_chemical_formula() for label in largest_first]
        listed = f"{', '.join(formulas[:-1])} and {formulas[-1]}"
        return Flag("fragments", f"{count} fragments: {listed}")


_: type[Check] = Fragments
