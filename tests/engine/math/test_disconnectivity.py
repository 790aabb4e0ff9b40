"""The tree against closed forms and another linkage; pairs that join all minima come first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cophenet
from scipy.spatial.distance import squareform

from engine.math import merge_tree, next_pairs, saddle_between

# three minima and two saddles of the surface of Müller and Brown, Theor. Chim. Acta 53, 75 (1979)
MUELLER_BROWN = [-146.700, -80.768, -108.167]
SADDLES = [-40.665, -72.249]


def heights(tree, n):
    """(n, n) at which two minima are first in one branch, by following the tree; inf if they never are."""
    members = {i: [i] for i in range(n)}
    found = np.full((n, n), np.inf)
    for k, (a, b) in enumerate(tree.children.tolist()):
        for i in members[a]:
            found[i, members[b]] = found[members[b], i] = tree.height[k]
        members[n + k] = members[a] + members[b]
    return found


def minimax(energy, pairs, saddle):
    """(n, n) least of the highest points of all paths (Floyd, Warshall)."""
    n = len(energy)
    least = np.full((n, n), np.inf)
    for (i, j), top in zip(pairs, saddle, strict=True):
        if i != j and np.isfinite(top):
            least[i, j] = least[j, i] = min(least[i, j], max(top, energy[i], energy[j]))
    for k in range(n):
        least = np.minimum(least, np.maximum(least[:, [k]], least[[k], :]))
    np.fill_diagonal(least, np.inf)
    return least


def test_the_surface_of_mueller_and_brown():
    tree = merge_tree(MUELLER_BROWN, [(0, 1), (1, 2)], SADDLES)
    assert tree.children.tolist() == [[2, 1], [0, 3]]
    assert tree.height.tolist() == [-72.249, -40.665]
    assert tree.band.tolist() == [1, 0]
    assert tree.lowest.tolist() == [0, 1, 2, 2, 0]


def test_a_longer_way_round_that_stays_lower_is_taken():
    tree = merge_tree([0.0, 0.1, 0.2], [(0, 1), (1, 2), (2, 0)], [0.9, 0.4, 0.5])
    assert heights(tree, 3)[0, 1] == 0.5


@st.composite
def landscapes(draw):
    n = draw(st.integers(1, 8))
    numbers = st.floats(-5, 5, allow_subnormal=False)
    energy = draw(st.lists(numbers, min_size=n, max_size=n))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))
    pairs = draw(st.lists(ends, max_size=14))
    saddle = draw(
        st.lists(st.one_of(numbers, st.just(float("nan"))), min_size=len(pairs), max_size=len(pairs))
    )
    return energy, pairs, saddle


@given(landscapes())
def test_two_minima_merge_at_the_highest_point_of_the_lowest_path(landscape):
    energy, pairs, saddle = landscape
    tree = merge_tree(energy, pairs, saddle)
    assert np.array_equal(heights(tree, len(energy)), minimax(energy, pairs, saddle))
    assert (np.diff(tree.height) >= 0).all()
    for (a, b), lowest in zip(tree.children.tolist(), tree.lowest[len(energy) :].tolist(), strict=True):
        assert lowest == tree.lowest[a]
        assert energy[lowest] <= energy[tree.lowest[b]]


def test_the_tree_is_scipys_single_linkage_where_all_are_joined():
    rng = np.random.default_rng(0)
    energy, n = rng.uniform(0, 1, 7), 7
    pairs = np.argwhere(np.triu(np.ones((n, n)), 1))
    tree = merge_tree(energy, pairs, 2 + rng.uniform(0, 1, len(pairs)))
    sizes = np.ones(2 * n - 1)
    for k, merged in enumerate(tree.children):
        sizes[n + k] = sizes[merged].sum()
    linkage = np.column_stack([tree.children, tree.height, sizes[n:]])
    off = ~np.eye(n, dtype=bool)
    assert squareform(cophenet(linkage))[off] == pytest.approx(heights(tree, n)[off])


def test_a_pair_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="minima 0 to 1, got 0 to 2"):
        merge_tree([0.0, 1.0], [(0, 2)], [3.0])


def test_a_saddle_moves_with_the_mean_of_its_minima_and_stays_above_both():
    rises = [[0.5, 0.3], [0.1, 0.1]]
    assert saddle_between([-1.0, -1.0], [-0.8, 2.0], rises).tolist() == pytest.approx([-0.5, 2.0])


def test_the_pairs_that_join_all_minima_come_first_then_neighbours_then_what_failed():
    places = np.array([[0.0], [1.0], [3.0], [3.5], [9.0]])
    first = next_pairs(places, {}, neighbours=2)
    assert first[:4] == [(2, 3), (0, 1), (1, 2), (3, 4)]
    assert set(first) == {(0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (2, 4), (3, 4)}
    later = next_pairs(places, {(0, 1): True, (2, 3): False}, neighbours=2)
    assert (0, 1) not in later
    assert later[-1] == (2, 3)
    assert next_pairs(np.zeros((1, 3)), {}) == []
    assert next_pairs(np.zeros((2, 3)), {}) == [(0, 1)]
