"""Learning curves made up so that the answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from engine.math import bootstrap_band, labels_saved, labels_to_reach

LABELS = np.array([10.0, 20.0, 40.0, 80.0])


def test_an_exponential_curve_is_read_exactly():
    curve = np.exp(-LABELS / 30)
    for target in (0.7, 0.5, 0.2, 0.1):
        assert labels_to_reach(LABELS, curve, target) == pytest.approx(-30 * np.log(target))


def test_the_first_time_counts_and_what_is_not_reached_is_infinite():
    curve = [8.0, 2.0, 4.0, 1.0]
    assert labels_to_reach(LABELS, curve, 4.0) == 15.0  # half way in the logarithm
    assert labels_to_reach(LABELS, curve, 9.0) == 10.0
    assert labels_to_reach(LABELS, curve, 0.5) == float("inf")
    assert labels_to_reach(LABELS, [8.0, 2.0, 0.0, 0.0], 1.0) == 20.0


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 1.0))
def test_a_lower_error_never_takes_fewer_labels(seed, target):
    curve = np.random.default_rng(seed).uniform(0.01, 1, 4)
    assert labels_to_reach(LABELS, curve, target / 2) >= labels_to_reach(LABELS, curve, target)


@pytest.mark.parametrize(("n", "coverage"), [(5, 0.92), (10, 0.95)])
def test_the_band_holds_the_true_mean_as_often_as_it_says(n, coverage):
    values = np.random.default_rng(n).normal(3.0, 2.0, (n, 3000))
    low, high = bootstrap_band(values)
    inside = np.mean((low <= 3.0) & (high >= 3.0))
    assert inside == pytest.approx(coverage, abs=0.015)  # plain percentiles of 5 cover 0.83


def test_the_band_of_many_repetitions_is_students():
    values = np.random.default_rng(0).normal(size=200)
    low, high = bootstrap_band(values)
    half = student.ppf(0.975, 199) * values.std(ddof=1) / np.sqrt(200)
    np.testing.assert_allclose([low, high], values.mean() + np.array([-half, half]), atol=0.1 * half)
    again = bootstrap_band(values)
    assert (low, high) == again


def test_equal_repetitions_have_no_band_and_one_has_none_to_tell():
    low, high = bootstrap_band(np.full((5, 3), 2.0))
    np.testing.assert_allclose([low, high], 2.0)
    assert np.isnan(bootstrap_band(np.ones((1, 3)))).all()


def test_labels_saved_are_the_mean_difference_of_what_each_repetition_took():
    saved = labels_saved([40, 50, 60, 30, 45], [80, 80, 95, 70, 75], budget=100)
    assert saved.saved == pytest.approx(35)
    assert saved.part == pytest.approx(35 / 80)
    assert 30 <= saved.low < 35 < saved.high <= 40
    assert (saved.reached, saved.reached_baseline, saved.repetitions) == (5, 5, 5)


def test_who_never_reaches_the_error_counts_with_the_budget():
    never = float("inf")
    saved = labels_saved([40, never], [never, never], budget=100)
    assert (saved.saved, saved.reached, saved.reached_baseline) == (30, 1, 0)
    nobody = labels_saved([never, never], [never, never], budget=100)
    assert (nobody.saved, nobody.low, nobody.high, nobody.part) == (0, 0, 0, 0)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match=r"as many labels as errors, got \(2,\), \(3,\)"):
        labels_to_reach([1, 2], [1, 2, 3], 0.1)
    with pytest.raises(ValueError, match="must be positive, got 0"):
        labels_to_reach([1, 2], [1, 2], 0)
    with pytest.raises(ValueError, match="at least one repetition"):
        bootstrap_band([])
    with pytest.raises(ValueError, match="the same repetitions"):
        labels_saved([1.0], [1.0, 2.0], 10)
