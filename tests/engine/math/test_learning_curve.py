import numpy as np
import pytest

from engine.math import Forecast, fit_learning_curve, forecast

LABELS = np.arange(10, 110, 10.0)
SEEDS = 25


def curve(a, b, c, noise=0.0, seed=0):
    return (a + b * LABELS**-c) * np.exp(noise * np.random.default_rng(seed).standard_normal(10))


def labels_until(target, a, b, c):
    return ((target - a) / b) ** (-1 / c)


@pytest.mark.parametrize(("a", "b", "c"), [(0.02, 1.5, 0.8), (0.0, 1.0, 0.5), (0.1, 40.0, 1.7)])
def test_a_curve_without_noise_is_found(a, b, c):
    found = fit_learning_curve(LABELS, curve(a, b, c))
    np.testing.assert_allclose(found.error([5, 50, 1000]), a + b * np.array([5, 50, 1000.0]) ** -c, rtol=1e-3)
    assert found.exponent == pytest.approx(c, rel=1e-2)
    low, high = found.band([50, 150])
    np.testing.assert_allclose([low, high], [found.error([50, 150])] * 2, rtol=0.03)


def test_units_of_the_error_do_not_matter():
    y = curve(0.02, 1.5, 0.8, noise=0.05, seed=3)
    ev, mev = fit_learning_curve(LABELS, y), fit_learning_curve(LABELS, 1000 * y)
    assert mev.floor == pytest.approx(1000 * ev.floor, rel=1e-3, abs=1e-3)
    assert str(forecast(ev, 0.05)) == str(forecast(mev, 50.0))


@pytest.mark.parametrize(
    ("a", "b", "c", "target"), [(0.02, 1.5, 0.8, 0.05), (0.0, 1.5, 0.8, 0.03), (0.0, 1.0, 0.5, 0.08)]
)
def test_the_band_holds_the_true_number_as_often_as_it_says(a, b, c, target):
    more = labels_until(target, a, b, c) - LABELS[-1]
    told = [
        forecast(fit_learning_curve(LABELS, curve(a, b, c, 0.05, seed)), target, level=0.9)
        for seed in range(SEEDS)
    ]
    told = [f for f in told if f.low is not None]
    assert len(told) > 0.8 * SEEDS
    held = np.mean([f.low <= more <= f.high for f in told])
    assert held >= 0.9 - 3 * np.sqrt(0.09 / SEEDS)
    assert np.median([f.median for f in told]) == pytest.approx(more, rel=0.4)
    assert np.median([f.high - f.low for f in told]) < 2 * more, "a band that holds everything says nothing"


def test_one_bad_label_set_does_not_bend_the_curve():
    y = curve(0.02, 1.5, 0.8, noise=0.02)
    bent = y.copy()
    bent[4] *= 4
    straight, robust = fit_learning_curve(LABELS, y), fit_learning_curve(LABELS, bent)
    np.testing.assert_allclose(robust.error([20, 100]), straight.error([20, 100]), rtol=0.08)


def test_a_target_below_the_floor_is_not_promised():
    for seed in range(5):
        told = forecast(fit_learning_curve(LABELS, curve(0.05, 1.0, 0.6, 0.03, seed)), 0.04)
        assert told.low is None
        assert "cannot tell" in str(told)
    told = forecast(fit_learning_curve(LABELS, np.full(10, 0.3) + 0.01 * np.sin(LABELS)), 0.1)
    assert "level off above the target" in str(told)


def test_what_lies_far_away_is_not_told():
    told = forecast(fit_learning_curve(LABELS, curve(0.0, 1.0, 0.3)), 0.01)
    assert "more than 10 times the labels there are" in str(told)


def test_noise_makes_it_say_that_it_cannot_tell():
    told = [forecast(fit_learning_curve(LABELS, curve(0.0, 1.0, 0.5, 0.4, seed)), 0.08) for seed in range(8)]
    assert sum(f.low is None for f in told) >= 6
    assert all(f.reason for f in told if f.low is None)


def test_a_forecast_is_a_sentence():
    assert str(Forecast(40, 55, 70)) == "about 40–70 more labels"
    assert str(Forecast(7, 7, 7)) == "about 7 more labels"
    assert str(Forecast(0, 0, 0)) == "on target"
    assert str(Forecast(reason="too few")) == "cannot tell: too few"
    assert str(forecast(fit_learning_curve(LABELS, curve(0.02, 1.5, 0.8)), 0.1)) == "on target"


@pytest.mark.parametrize(
    ("labels", "error", "says"),
    [
        ([1, 2, 3, 4], [1.0] * 4, "errors at 5 numbers of labels, got 4"),
        ([5] * 9, [1.0] * 9, "errors at 5 numbers of labels, got 1"),
        (LABELS, [0.0] * 10, "must be positive"),
        (LABELS, [np.nan] * 10, "must be positive"),
        (LABELS, [1.0], r"labels \(10,\) and errors \(1,\) do not fit"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_one_line(labels, error, says):
    with pytest.raises(ValueError, match=says):
        fit_learning_curve(labels, error)


def test_a_target_must_be_positive():
    with pytest.raises(ValueError, match="a target error must be positive, got 0"):
        forecast(fit_learning_curve(LABELS, curve(0.0, 1.0, 0.5)), 0.0)
