"""Distances and angles between atoms that a data set holds, as histograms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms

from engine.descriptors.pairs import all_pairs
from engine.errors import StructureError
from engine.protocols import FloatArray


def distance_histogram(structures: Sequence[Atoms], edges: FloatArray) -> FloatArray:
    """Neighbours of an atom by their distance.

    Parameters
    ----------
    structures : clusters or periodic
    edges : (n_bins + 1,) Å, rising; the last one is the cutoff

    Returns
    -------
    (n_bins,) mean number of neighbours of an atom in each bin

    Raises
    ------
    StructureError
        if there is no atom, or a cell is flat
    """
    n_atoms = _n_atoms(structures)
    counts = np.zeros(len(edges) - 1)
    for structure in structures:
        vectors = all_pairs([structure], float(edges[-1])).vectors
        counts += np.histogram(np.linalg.norm(vectors[:, vectors.any(axis=0)], axis=0), edges)[0]
    return counts / n_atoms


def angle_histogram(structures: Sequence[Atoms], edges: FloatArray, leg: float) -> FloatArray:
    """Pairs of an atom's neighbours by the angle between them.

    Parameters
    ----------
    structures : clusters or periodic
    edges : (n_bins + 1,) degrees, rising
    leg : Å, the longest distance from the atom to either neighbour

    Returns
    -------
    (n_bins,) mean number of pairs about an atom in each bin

    Raises
    ------
    StructureError
        if there is no atom, or a cell is flat
    """
    n_atoms = _n_atoms(structures)
    counts = np.zeros(len(edges) - 1)
    for structure in structures:
        pairs = all_pairs([structure], leg)
        apart = pairs.vectors.any(axis=0)
        vectors, met = pairs.vectors[:, apart].T, np.bincount(pairs.center[apart])
        for about in np.split(vectors, np.cumsum(met)[:-1]):
            counts += np.histogram(_angles(about), edges)[0]
    return counts / n_atoms


def _angles(vectors: FloatArray) -> FloatArray:
    """Degrees between each two of the vectors (n, 3)."""
    units = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    first, second = np.triu_indices(len(units), k=1)
    cosines = np.clip((units @ units.T)[first, second], -1, 1)
    angles: FloatArray = np.degrees(np.arccos(cosines))
    return angles


def _n_atoms(structures: Sequence[Atoms]) -> int:
    n_atoms = sum(len(structure) for structure in structures)
    if not n_atoms:
        raise StructureError("a histogram of distances or angles needs at least one atom")
    return n_atoms
