import numpy as np
import pytest

from engine.math import jump_scores, jumps


def noise(rng, n, correlation=0.0):
    """Normal noise of unit variance, each value correlated with the one before."""
    steps = rng.normal(size=n)
    values = np.empty(n)
    values[0] = steps[0]
    for k in range(1, n):
        values[k] = correlation * values[k - 1] + np.sqrt(1 - correlation**2) * steps[k]
    return values


def test_jumps_are_found_where_they_are():
    rng = np.random.default_rng(0)
    levels = np.repeat([0.0, 6.0, -1.0, 5.0], [40, 60, 30, 50])
    for scale, shift in ((1.0, 0.0), (0.01, 100.0)):
        found = jumps(shift + scale * (levels + 0.5 * rng.normal(size=len(levels))), 10)
        np.testing.assert_allclose(found, [40, 100, 130], atol=2)


def test_levels_without_noise_differ_infinitely_and_equal_ones_not_at_all():
    series = np.repeat([1.0, 2.0], [20, 20])
    assert jumps(series, 5).tolist() == [20]
    assert jump_scores(series, 5)[20] == np.inf
    assert not jump_scores(np.ones(40), 5).any()


def test_the_score_of_a_clean_step_by_closed_form():
    """Noise of ± 1 in turn has a mean absolute deviation of 1, hence √(π/2) as normal noise."""
    series = np.tile([1.0, -1.0], 20) + np.repeat([0.0, 10.0], 20)
    assert jump_scores(series, 10)[20] == pytest.approx(10 / np.sqrt(np.pi / 2))


def test_outliers_and_what_is_not_finite_are_no_jumps():
    series = np.random.default_rng(1).normal(size=300)
    series[[50, 51, 150, 250]] += 100.0
    assert jumps(series, 10).tolist() == []
    broken = np.repeat([0.0, 9.0], 50)
    broken[45] = np.nan
    assert not jump_scores(broken, 10)[35:56].any()


def test_a_slope_is_no_jump_however_steep():
    assert jumps(1e3 * np.arange(100.0), 10).tolist() == []


@pytest.mark.parametrize(("correlation", "window", "most"), [(0.0, 10, 0), (0.5, 10, 6), (0.8, 20, 6)])
def test_false_alarms_are_as_rare_as_the_docstring_says(correlation, window, most):
    """0, 0.02 and 0.03 a thousand values at the default threshold: at most 6 of 60 series."""
    rng = np.random.default_rng(2)
    assert sum(len(jumps(noise(rng, 1000, correlation), window)) for _ in range(60)) <= most


@pytest.mark.parametrize(("series", "window"), [(np.zeros((3, 2)), 4), (np.zeros(9), 1)])
def test_other_shapes_are_told(series, window):
    with pytest.raises(ValueError, match=r"a series is \(n,\) and a window at least 2"):
        jump_scores(series, window)


def test_a_series_shorter_than_two_windows_shows_none():
    assert jumps(np.repeat([0.0, 9.0], 5), 6).tolist() == []
