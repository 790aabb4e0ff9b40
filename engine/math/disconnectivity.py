"""The tree of minima that are joined at the lowest barriers known, and which barriers to look for next.

Becker and Karplus, J. Chem. Phys. 106, 1495 (1997); Wales, Miller, Walsh, Nature 394, 758 (1998).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

NEIGHBOURS = 3  # of each minimum, among which barriers are looked for


@dataclass(frozen=True, eq=False)
class MergeTree:
    """How n minima merge as the energy rises: node i < n is a minimum, node n + k the k-th merge.

    Attributes
    ----------
    children : (m, 2) nodes that merge, the one with the lower minimum first; m < n - 1 where barriers lack
    height : (m,) eV, rising
    band : (m,) the barrier that sets the height
    lowest : (n + m,) lowest minimum below each node
    """

    children: IntArray
    height: FloatArray
    band: IntArray
    lowest: IntArray


def saddle_between(first: ArrayLike, second: ArrayLike, rises: ArrayLike) -> FloatArray:
    """Energies of saddles on a scale on which their minima have other energies than where they were found.

    What a better energy adds to a saddle is not known: it is taken for the mean of what it adds to the two
    minima. A saddle is never below a minimum.

    Parameters
    ----------
    first, second : (m,) eV, the two minima on the scale that is asked for
    rises : (m, 2) eV, saddle less each minimum, where it was found

    Returns
    -------
    (m,) eV
    """
    ends = np.stack([np.asarray(first, dtype=float), np.asarray(second, dtype=float)], axis=-1)
    top: FloatArray = np.maximum((ends + np.asarray(rises)).mean(axis=-1), ends.max(axis=-1))
    return top


def merge_tree(energy: ArrayLike, pairs: ArrayLike, saddle: ArrayLike) -> MergeTree:
    """Merge minima at the lowest of the highest points of all paths between them.

    A minimum spanning tree of the barriers (Kruskal) holds such a path between any two minima: the tree is
    their single linkage.

    Parameters
    ----------
    energy : (n,) eV of the minima
    pairs : (m, 2) minima between which a barrier is known; a pair may occur again
    saddle : (m,) eV, the highest point of each path; nan where none was found

    Raises
    ------
    ValueError
        if a pair names a minimum that is not there
    """
    from scipy.cluster.hierarchy import DisjointSet  # for which no page waits

    energy, saddle = np.asarray(energy, dtype=float), np.asarray(saddle, dtype=float)
    pairs = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    n = len(energy)
    if pairs.size and not (pairs.min() >= 0 and pairs.max() < n):
        raise ValueError(f"pairs are of minima 0 to {n - 1}, got {int(pairs.min())} to {int(pairs.max())}")
    top = np.maximum(saddle, energy[pairs].max(axis=1)) if len(pairs) else saddle
    sets, node = DisjointSet(range(n)), dict(enumerate(range(n)))
    lowest, band = list(range(n)), list[int]()
    children: list[tuple[int, int]] = []
    for k in np.argsort(top, kind="stable").tolist():
        one, other = (sets[int(end)] for end in pairs[k])
        if one == other or not np.isfinite(top[k]):
            continue
        a, b = sorted((node[one], node[other]), key=lambda at: (energy[lowest[at]], lowest[at]))
        sets.merge(one, other)
        node[sets[one]] = n + len(children)
        children.append((a, b))
        band.append(k)
        lowest.append(lowest[a])
    found = np.array(band, dtype=np.int64)
    merged = np.array(children, dtype=np.int64).reshape(-1, 2)
    return MergeTree(merged, top[found], found, np.array(lowest, dtype=np.int64))


def next_pairs(
    features: ArrayLike, tried: Mapping[tuple[int, int], bool], neighbours: int = NEIGHBOURS
) -> list[tuple[int, int]]:
    """Pairs of near minima whose barriers to look for, the most useful first.

    Those of the minimum spanning tree of their distances come first, for with them all minima are joined;
    then those of near neighbours; then those that were tried in vain. Within each the nearest come first.

    Parameters
    ----------
    features : (n, d) descriptors
    tried : by pair (i < j), whether a barrier was found
    neighbours : of each minimum, counted as near
    """
    from scipy.sparse.csgraph import minimum_spanning_tree
    from scipy.spatial.distance import pdist, squareform

    features = np.asarray(features, dtype=float)
    if len(features) < 2:
        return []
    # none is 0, which would be no edge
    distance = squareform(np.maximum(pdist(features), np.finfo(float).tiny))
    tree = zip(*minimum_spanning_tree(distance).nonzero(), strict=True)
    joins = {(int(min(pair)), int(max(pair))) for pair in tree}
    ranked = np.argsort(distance + np.diag(np.full(len(distance), np.inf)), axis=1)[:, :neighbours]
    near = {(min(i, int(j)), max(i, int(j))) for i, row in enumerate(ranked) for j in row if i != j}
    wanted = [pair for pair in joins | near if not tried.get(pair, False)]
    return sorted(wanted, key=lambda pair: (pair in tried, pair not in joins, distance[pair], pair))
