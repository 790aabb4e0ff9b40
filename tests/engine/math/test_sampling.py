import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from engine.math import distinct_points, farthest_points, leverage_points, leverage_scores


def test_each_next_point_is_farthest_from_the_chosen_ones():
    line = np.array([[0.0], [1.0], [10.0], [4.0], [6.0]])
    assert farthest_points(line, 4).tolist() == [0, 2, 3, 4]  # 4 and 6 are both 4 away from an end: the first


def test_starts_from_given_points():
    line = np.array([[0.0], [1.0], [10.0], [5.0]])
    assert farthest_points(line, 3, start=[1, 3]).tolist() == [1, 3, 2]


def test_asks_for_no_more_than_there_is():
    assert sorted(farthest_points(np.arange(3.0)[:, None], 9)) == [0, 1, 2]


def test_duplicates_are_never_chosen():
    rng = np.random.default_rng(0)
    points = rng.normal(50, 5, (5, 3))
    assert sorted(farthest_points(np.concatenate([points, points]), 10)) == [0, 1, 2, 3, 4]


@given(st.integers(0, 2**32 - 1))
def test_the_selection_is_greedy_by_brute_force(seed):
    points = np.random.default_rng(seed).normal(7, 1, (12, 3))
    chosen = farthest_points(points, 6).tolist()
    for n in range(1, 6):
        nearest = cdist(points, points[chosen[:n]]).min(axis=1)
        assert nearest[chosen[n]] >= nearest.max() - 1e-9


def test_distinct_points_are_the_first_of_equal_rows_in_order():
    points = np.array([[3.0, 1.0], [1.0, 1.0], [3.0, 1.0 + 1e-12], [1.0, 1.0], [0.0, 2.0]])
    assert distinct_points(points).tolist() == [0, 1, 4]


def test_leverage_scores_are_those_of_the_full_decomposition():
    x = np.random.default_rng(0).normal(5, 2, (300, 12)) * np.geomspace(1, 1e-2, 12)
    u = np.linalg.svd(x, full_matrices=False)[0]
    np.testing.assert_allclose(leverage_scores(x), (u**2).sum(axis=1), atol=1e-10)


def test_leverage_adds_up_to_the_rank():
    x = np.random.default_rng(1).standard_normal((50, 3)) @ np.random.default_rng(2).standard_normal((3, 8))
    assert abs(leverage_scores(x).sum() - 3) < 1e-8


def test_the_only_row_in_a_direction_is_always_chosen():
    x = np.zeros((200, 3))
    x[:, 0] = np.random.default_rng(3).uniform(1, 2, 200)
    x[77, 1], x[150, 2] = 1.0, 1e-3
    chosen = leverage_points(x, 20)
    assert {77, 150} <= set(chosen)
    assert len(chosen) == 20
    np.testing.assert_array_equal(chosen, leverage_points(x, 20))


def test_leverage_points_are_distinct():
    points = np.random.default_rng(4).standard_normal((6, 3))
    chosen = leverage_points(np.concatenate([points] * 4), 12)
    assert len(np.unique(np.concatenate([points] * 4)[chosen], axis=0)) == len(chosen) > 3
