"""Thresholds that tell vetoes from approvals, and how seldom chance finds one."""

import numpy as np
import pytest
from scipy.stats import binomtest

from engine.math import separations, short_number, wilson_lower


def decided(n_vetoed, n_kept, seed=0, features=6):
    """Features at random, but of the last one all vetoes lie below 1.9 and all approvals above 2.0."""
    rng = np.random.default_rng(seed)
    distance = np.concatenate([rng.uniform(1.6, 1.85, n_vetoed), rng.uniform(2.05, 2.6, n_kept)])
    values = np.column_stack([rng.normal(size=(n_vetoed + n_kept, features - 1)), distance])
    return values, np.arange(n_vetoed + n_kept) < n_vetoed


@pytest.mark.parametrize(("hits", "n"), [(6, 6), (4, 4), (5, 7), (0, 3), (50, 60)])
def test_the_bound_of_a_proportion_is_wilsons(hits, n):
    peer = binomtest(hits, n).proportion_ci(0.90, method="wilson").low  # two-sided: 5 % below
    assert wilson_lower(hits, n) == pytest.approx(peer, abs=1e-4)


def test_what_all_vetoes_and_no_approval_have_is_found():
    values, vetoed = decided(6, 20)
    (best, *_) = separations(values, vetoed)
    assert (best.feature, best.side, best.hits) == (5, "below", 6)
    assert (best.inside == vetoed).all()
    assert values[vetoed, 5].max() < best.limit <= values[~vetoed, 5].min()
    assert best.precision == pytest.approx(wilson_lower(6, 6))
    assert best.p == 0.001


def test_the_other_side_is_found_as_well_and_the_order_of_decisions_says_nothing():
    values, vetoed = decided(6, 20)
    (best, *_) = separations(-values, vetoed)
    assert (best.feature, best.side) == (5, "above")
    shuffled = np.random.default_rng(3).permutation(26)
    (again, *_) = separations(-values[shuffled], vetoed[shuffled])
    assert (again.limit, again.hits) == (best.limit, best.hits)


def test_a_few_exceptions_and_missing_values_do_not_hide_it():
    values, vetoed = decided(12, 30)
    values[13, 5] = 1.7  # one approval among them
    values[3, 5] = np.nan
    (best, *_) = separations(values, vetoed)
    assert (best.feature, best.hits, int(best.inside.sum())) == (5, 11, 12)
    assert not best.inside[3]


def test_too_few_vetoes_or_nothing_but_vetoes_say_nothing():
    assert separations(*decided(3, 30)) == []
    values, vetoed = decided(9, 0)
    assert separations(values, vetoed) == []
    assert separations(np.full((20, 2), 7.0), np.arange(20) < 8) == []


def test_random_vetoes_suggest_nothing_more_often_than_the_level_says():
    alarms = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=(30, 8))
        values[:, 0] = rng.integers(1, 4, 30)
        values[rng.random(30) < 0.3, 1] = np.nan
        alarms += bool(separations(values, rng.permutation(30) < 10))
    assert alarms <= 5  # 5 % of 30 is 1.5; more than 5 in fewer than 0.4 % of cases


@pytest.mark.parametrize(
    ("inside", "outside", "number"),
    [(1.84, 2.05, 2.0), (1.84, 1.95, 1.9), (2.0, 1.0, 1.5), (3.0, 1.0, 2.0), (1450.0, 12.0, 1000.0)],
)
def test_a_limit_has_as_few_digits_as_lie_in_the_gap(inside, outside, number):
    assert short_number(inside, outside) == number


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"\(n, d\) values and \(n,\) members"):
        separations(np.zeros(4), np.zeros(4, dtype=bool))
