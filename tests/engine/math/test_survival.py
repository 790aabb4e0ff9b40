"""Against Freireich et al., Blood 21, 699 (1963), weeks of remission: every textbook has its numbers."""

import numpy as np
import pytest

from engine.math import holm, log_rank, restricted_mean, success_curve

DRUG = np.array([6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35.0])
ENDED = np.arange(21) < 9
PLACEBO = np.array([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23.0])
ALL = np.ones(21, dtype=bool)


def at(curve, cost):
    k = np.searchsorted(curve.cost, cost, side="right") - 1
    return curve.fraction[k], curve.low[k], curve.high[k]


def test_kaplan_meier_with_its_band():
    curve = success_curve(DRUG, ENDED)
    assert [1 - at(curve, t)[0] for t in (0, 6, 7, 10, 13, 16, 22, 23)] == pytest.approx(
        [1, 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5
    )
    assert at(curve, 6)[1:] == pytest.approx((1 - 0.9516, 1 - 0.6197), abs=5e-5)
    assert curve.median == 23
    assert curve.median_band == (13, None)
    assert (curve.fraction[-1], curve.cost[-1]) == (pytest.approx(0.5518, abs=5e-5), 35)


def test_without_censoring_it_is_the_fraction_that_has_succeeded():
    curve = success_curve(PLACEBO, ALL)
    for t in (0.5, 1, 4, 8, 23):
        assert at(curve, t)[0] == pytest.approx(np.mean(t >= PLACEBO))
    assert curve.median == 8
    assert (curve.low <= curve.fraction).all()
    assert (curve.high >= curve.fraction).all()
    assert 0.5 < curve.low[-1] < 1, "twenty-one of twenty-one are no certainty"


def test_nobody_succeeded():
    curve = success_curve(np.array([20.0, 20.0, 15.0]), np.zeros(3, dtype=bool))
    assert (curve.fraction == 0).all()
    assert (curve.median, curve.median_band[1]) == (None, None)
    assert curve.high[-1] == pytest.approx(1 - 0.05 ** (1 / 3))


def test_log_rank():
    assert log_rank(DRUG, ENDED, PLACEBO, ALL) == pytest.approx(4.17e-5, rel=0.01)
    assert log_rank(DRUG, ENDED, DRUG, ENDED) == pytest.approx(1.0)
    nobody = np.zeros(21, dtype=bool)
    assert log_rank(DRUG, nobody, PLACEBO, nobody) == 1.0


def test_several_comparisons_keep_the_level():
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03])), [0.03, 0.06, 0.06])
    np.testing.assert_allclose(holm(np.array([0.6, 0.9])), [1.0, 1.0])


def test_the_area_above_the_curve_is_the_mean_cost():
    assert restricted_mean(success_curve(PLACEBO, ALL), 40.0) == pytest.approx(PLACEBO.mean())
    assert restricted_mean(success_curve(PLACEBO, ALL), 10.0) == pytest.approx(np.minimum(PLACEBO, 10).mean())
