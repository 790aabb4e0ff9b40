import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from engine.math import (
    data_entropy,
    differential_entropy,
    displacement_bandwidth,
    entropy_growth,
    overlap,
    sampled_data_entropy,
)

SEEDS = st.integers(0, 2**32 - 1)


def clustered(n, seed, d=5):
    """Environments in groups of unequal size, some alone."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(0, 6, (max(2, n // 8), d))
    return middles[rng.integers(0, len(middles), n)] + rng.normal(0, 0.5, (n, d))


def plainly(new, known, bandwidth):
    """log Σ_j K of each, by another way."""
    return logsumexp(-0.5 * (cdist(new, known) / bandwidth) ** 2, axis=1)


def test_one_environment_many_times_has_no_entropy():
    assert data_entropy(np.full((50, 7), 3.7), 0.1) == pytest.approx(0.0, abs=1e-12)
    assert data_entropy([[4.0]], 0.1) == 0.0


@pytest.mark.parametrize("n", [2, 7, 400])
def test_far_apart_environments_have_the_entropy_log_n(n):
    assert data_entropy(100.0 * np.arange(n)[:, None], 1.0) == pytest.approx(np.log(n), abs=1e-12)


def test_two_environments_at_a_distance():
    # each sees itself and exp(−½ (3/2)²) of the other
    assert data_entropy([[0.0], [3.0]], 2.0) == pytest.approx(-np.log(0.5 * (1 + np.exp(-1.125))))


@given(SEEDS, st.floats(0.05, 20.0))
def test_entropy_by_another_way(seed, bandwidth):
    x = clustered(30, seed)
    assert data_entropy(x, bandwidth) == pytest.approx(np.log(30) - plainly(x, x, bandwidth).mean(), abs=1e-9)


@given(SEEDS)
def test_order_does_not_matter_and_duplicates_of_all_add_nothing(seed):
    x = clustered(25, seed)
    shuffled = np.random.default_rng(seed).permutation(x)
    assert data_entropy(shuffled, 0.7) == pytest.approx(data_entropy(x, 0.7), abs=1e-9)
    assert data_entropy(np.concatenate([x, x, x]), 0.7) == pytest.approx(data_entropy(x, 0.7), abs=1e-9)


@given(SEEDS)
def test_entropy_lies_between_none_and_log_n_and_falls_with_the_bandwidth(seed):
    x = clustered(25, seed)
    falling = [data_entropy(x, h) for h in (0.1, 0.5, 2.0, 10.0)]
    assert np.all(np.diff(falling) <= 1e-9)
    assert -1e-9 <= falling[-1] <= falling[0] <= np.log(25) + 1e-9


def test_it_does_not_matter_where_the_origin_is():
    x = clustered(40, 0)
    assert data_entropy(x + 1e5, 0.3) == pytest.approx(data_entropy(x, 0.3), abs=1e-6)


@given(SEEDS)
def test_differential_entropy_by_another_way(seed):
    new, known = clustered(20, seed), clustered(30, seed + 1)
    np.testing.assert_allclose(differential_entropy(new, known, 0.8), -plainly(new, known, 0.8), atol=1e-9)


def test_blocks_join_without_a_seam():
    new, known = clustered(300, 1, d=3), clustered(9000, 2, d=3)
    np.testing.assert_allclose(differential_entropy(new, known, 0.5), -plainly(new, known, 0.5), atol=1e-9)


def test_what_is_known_k_times_has_minus_log_k_and_what_is_far_a_finite_amount():
    known = np.repeat([[0.0, 0.0], [50.0, 0.0]], [4, 1], axis=0)
    dh = differential_entropy([[0.0, 0.0], [50.0, 0.0], [0.0, 300.0]], known, 1.0)
    assert dh == pytest.approx([-np.log(4), 0.0, 45_000.0 - np.log(4)], abs=1e-9)


@given(SEEDS)
def test_more_data_never_uncover(seed):
    new, known = clustered(10, seed), clustered(30, seed + 1)
    assert np.all(differential_entropy(new, known, 0.8) <= differential_entropy(new, known[:20], 0.8) + 1e-9)


def test_overlap_is_the_part_that_is_covered():
    train = 100.0 * np.arange(4)[:, None]
    assert overlap(train, train, 1.0) == 1.0
    assert overlap(train + 50.0, train, 1.0) == 0.0
    assert overlap([[0.0], [100.0], [350.0]], train, 1.0) == pytest.approx(2 / 3)


@given(SEEDS)
def test_a_training_set_covers_itself(seed):
    x = 1e3 + clustered(40, seed)
    assert overlap(x, x, 1e-2) == 1.0


@given(SEEDS)
def test_growth_is_the_entropy_of_each_beginning(seed):
    sizes = np.random.default_rng(seed).integers(1, 6, 8)
    x = clustered(int(sizes.sum()), seed)
    expected = [data_entropy(x[:end], 0.8) for end in np.cumsum(sizes)]
    np.testing.assert_allclose(entropy_growth(x, sizes, 0.8), expected, atol=1e-9)


def test_growth_stops_where_nothing_new_comes():
    new = 100.0 * np.arange(6)[:, None]
    growth = entropy_growth(np.concatenate([new, new, new]), [2] * 9, 1.0)
    assert growth[:3] == pytest.approx(np.log([2, 4, 6]))
    assert growth[[5, 8]] == pytest.approx(np.log(6))


def test_a_sample_tells_how_far_it_is_off():
    x = clustered(1500, 4)
    exact = data_entropy(x, 0.5)
    z = []
    for seed in range(40):
        value, error = sampled_data_entropy(x, 0.5, np.random.default_rng(seed), rows=200)
        z.append((value - exact) / error)
    assert abs(np.mean(z)) < 4 / np.sqrt(40)
    assert 0.6 < np.std(z) < 1.4
    assert sampled_data_entropy(x[:90], 0.5, np.random.default_rng(0), 90) == (data_entropy(x[:90], 0.5), 0.0)


def test_many_environments_are_sampled_near_the_exact_values():
    x, sizes = clustered(2800, 5), np.full(56, 50)
    test = np.concatenate([x, 500.0 + x[:1400]])
    exact = data_entropy(x, 0.5)
    assert data_entropy(x, 0.5, exact=2700) != exact
    assert data_entropy(x, 0.5, exact=2700) == pytest.approx(exact, abs=0.1)
    growth, sampled = entropy_growth(x, sizes, 0.5), entropy_growth(x, sizes, 0.5, exact=2700)
    assert sampled[:20] == pytest.approx(growth[:20], abs=1e-9)
    assert sampled == pytest.approx(growth, abs=0.1)
    assert overlap(test, x, 0.5, exact=2700) == pytest.approx(2 / 3, abs=0.04)
    assert overlap(test, x, 0.5, exact=2700) != overlap(test, x, 0.5) == pytest.approx(2 / 3)


def test_the_bandwidth_is_the_median_way_an_environment_moves():
    x = np.zeros((3, 2))
    assert displacement_bandwidth(x, [[3.0, 4.0], [0.0, 1.0], [0.0, 9.0]]) == 5.0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda: data_entropy(np.empty((0, 3)), 1.0),
            r"\(n ≥ 1, d ≥ 1\) finite features, got the shape \(0, 3\)",
        ),
        (lambda: data_entropy([[np.nan]], 1.0), "finite features"),
        (lambda: data_entropy([1.0, 2.0], 1.0), r"got the shape \(2,\)"),
        (lambda: data_entropy([[1.0]], 0.0), "a bandwidth must be positive, got 0.0"),
        (lambda: data_entropy([[1.0]], float("nan")), "a bandwidth must be positive, got nan"),
        (lambda: differential_entropy([[1.0]], [[1.0, 2.0]], 1.0), "not of one length"),
        (lambda: entropy_growth([[1.0]], [2], 1.0), r"\[2\] atoms do not add up to 1 environments"),
        (lambda: sampled_data_entropy([[1.0]], 1.0, np.random.default_rng(0), 1), "at least 2 rows, got 1"),
        (lambda: displacement_bandwidth([[1.0]], [[1.0]]), "no environment moved"),
        (lambda: displacement_bandwidth([[1.0]], [[1.0, 2.0]]), r"twice, got \(1, 1\) and \(1, 2\)"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(call, says):
    with pytest.raises(ValueError, match=says):
        call()
