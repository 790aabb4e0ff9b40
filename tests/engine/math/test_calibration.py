import numpy as np
import pytest

from engine.math import reliability_curve, std_scale


def test_scale_makes_the_standard_deviations_as_large_as_the_errors():
    z = 0.3 * np.random.default_rng(0).standard_normal(50)
    assert std_scale(z) == pytest.approx(0.3, rel=3 / np.sqrt(100))
    assert np.mean((z / std_scale(z)) ** 2) == pytest.approx(1.0)


def test_few_errors_say_nothing():
    assert std_scale(np.full(9, 5.0)) == 1.0
    assert std_scale(np.full(10, 5.0)) == 5.0


def test_only_the_newest_errors_count():
    assert std_scale(np.concatenate([np.full(100, 9.0), np.full(50, 2.0)])) == 2.0


def test_normal_errors_lie_in_the_band_as_often_as_it_says():
    rng = np.random.default_rng(1)
    inside = []
    for _ in range(400):
        curve = reliability_curve(rng.standard_normal(40), np.array([0.5, 1.0, 2.0]))
        inside.append((curve.low <= curve.observed) & (curve.observed <= curve.high))
    assert (np.mean(inside, axis=0) > 0.94).all()  # at least 95 %, the counts being discrete


def test_expected_fractions_are_the_normal_distributions():
    curve = reliability_curve(np.array([0.5, -1.5, 2.5, -0.1]), np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(curve.expected, [0.6827, 0.9545, 0.9973], atol=1e-4)
    assert curve.observed.tolist() == [0.5, 0.75, 1.0]


@pytest.mark.parametrize("factor", [0.3, 3.0])
def test_a_wrong_uncertainty_leaves_the_band(factor):
    curve = reliability_curve(factor * np.random.default_rng(2).standard_normal(60))
    assert ((curve.observed < curve.low) | (curve.observed > curve.high)).any()


def test_no_errors_have_no_curve():
    with pytest.raises(ValueError, match="at least one error"):
        reliability_curve(np.empty(0))
