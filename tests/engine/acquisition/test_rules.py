"""The rules against cases worked out by hand, and what holds for all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.acquisition import ExpectedImprovement, FarthestPoint, LowerConfidenceBound, RandomChoice
from engine.acquisition.expected_improvement import expected_improvement
from engine.config import SelectionSettings
from engine.protocols import Pool

SETTINGS = SelectionSettings(kappa=2.0, diversity=1.0, flag_penalty=0.5)
RULES = [ExpectedImprovement, FarthestPoint, LowerConfidenceBound, RandomChoice]


def pool(energy, std=None, features=None, known=(), flags=None):
    n = len(energy)
    return Pool(
        energy=np.array(energy, dtype=float),
        energy_std=None if std is None else np.array(std, dtype=float),
        features=np.zeros((n, 1)) if features is None else np.array(features, dtype=float).reshape(n, -1),
        known_features=np.array(known, dtype=float).reshape(len(known), 1),
        n_flags=np.zeros(n, dtype=np.int64) if flags is None else np.array(flags),
    )


def rng():
    return np.random.default_rng(0)


def drawn_pool(seed, n=12):
    random = np.random.default_rng(seed)
    return Pool(
        energy=random.normal(-30, 1, n),
        energy_std=random.uniform(0.05, 0.5, n),
        features=random.normal(0, 10, (n, 3)),
        known_features=random.normal(0, 10, (4, 3)),
        n_flags=random.integers(0, 2, n),
    )


def test_lower_confidence_bound_by_hand():
    candidates = pool([-10.0, -9.0, -9.5], [0.1, 0.2, 0.1], features=[0, 10, 4], known=[1], flags=[0, 0, 2])
    first, second, third = LowerConfidenceBound(SETTINGS).select(candidates, 3, rng())
    # distances to the known one are 1, 9, 3: utilities 0+0.2+1/9, −1+0.4+1, −0.5+0.2+3/9−1
    assert (first.index, second.index, third.index) == (1, 0, 2)
    assert first.terms == pytest.approx({"promise": -1, "uncertainty": 0.4, "checks": 0, "diversity": 1})
    assert first.utility == pytest.approx(0.4)
    # with 10 picked, 0 is still 1 away from what is known; the largest distance left is 4's 3
    assert second.terms == pytest.approx({"promise": 0, "uncertainty": 0.2, "checks": 0, "diversity": 1 / 3})
    assert third.terms == pytest.approx({"promise": -0.5, "uncertainty": 0.2, "checks": -1, "diversity": 1})


def test_lower_confidence_bound_without_a_flag_or_novelty_is_the_bound():
    candidates = pool([-10.0, -9.8, -9.0], [0.0, 0.3, 0.1])
    picks = LowerConfidenceBound(SETTINGS).select(candidates, 3, rng())
    assert [pick.index for pick in picks] == [1, 0, 2]  # E − 2σ = −10.4, −10.0, −9.2


def test_the_batch_spreads_out():
    """Twins of the best are worth little once it is picked."""
    candidates = pool([-10, -9.99, -9.5], [0.1, 0.1, 0.1], features=[0, 0, 5])
    picks = LowerConfidenceBound(SETTINGS).select(candidates, 2, rng())
    assert [pick.index for pick in picks] == [0, 2]
    assert picks[1].terms["diversity"] == 1.0


def test_lower_confidence_bound_of_a_surrogate_without_uncertainty_has_no_such_term():
    picks = LowerConfidenceBound(SETTINGS).select(pool([-1, -2], features=[0, 1]), 2, rng())
    assert [pick.index for pick in picks] == [1, 0]
    assert set(picks[0].terms) == {"promise", "checks", "diversity"}


def test_expected_improvement_is_the_mean_of_what_is_gained():
    mean, std = np.array([0.0, -0.5, 0.3, -1.0, 0.2, -0.2]), np.array([0.4, 0.5, 0.1, 0.2, 0.0, 0.0])
    draws = rng().normal(mean, std, (200_000, 6))
    # standard errors below 0.001
    np.testing.assert_allclose(expected_improvement(mean, std), np.maximum(draws, 0).mean(axis=0), atol=0.003)
    assert expected_improvement(np.array([-50.0]), np.array([0.01])) == [0.0]


def test_expected_improvement_multiplies_promise_uncertainty_and_novelty():
    candidates = pool([-10.0, -10.0, -9.0, -9.9], [0.1, 0.2, 0.2, 0.3], features=[10, 4, 12, 8], known=[0])
    picks = ExpectedImprovement(SETTINGS).select(candidates, 4, rng())
    # h(0) = 0.399, h(−1/3) = 0.25424: 0.399·0.1·10/12, 0.399·0.2·4/12, h(−5)·…, 0.25424·0.3·8/12
    assert picks[0].index == 3
    assert picks[0].utility == pytest.approx(0.25424 * 0.3 * 8 / 12, abs=1e-5)
    assert picks[0].terms == pytest.approx(
        {"promise": -0.1, "uncertainty": 0.3, "checks": 0, "diversity": 2 / 3}
    )
    # with 8 picked, 4 is as new as anything left: 0.2 · 0.399, twice what its σ of 0.1 gives the other
    assert [pick.index for pick in picks[1:3]] == [1, 0]
    flagged = pool([-10.0, -9.9], [0.1, 0.1], features=[5, 4], known=[0], flags=[1, 0])
    assert ExpectedImprovement(SETTINGS).select(flagged, 1, rng())[0].index == 1


def test_farthest_point_starts_at_the_lowest_energy_and_goes_to_the_farthest():
    candidates = pool([-1.0, -3.0, -2.0, -2.5], features=[0, 1, 10, 4])
    picks = FarthestPoint(SETTINGS).select(candidates, 4, rng())
    assert [pick.index for pick in picks] == [1, 2, 3, 0]
    assert [pick.terms["promise"] for pick in picks] == [0, -1, -0.5, -2]
    assert [pick.utility for pick in picks] == [1, 1, 1, 1]


def test_farthest_point_keeps_away_from_what_is_known():
    candidates = pool([-1.0, -3.0, -2.0], features=[0, 1, 10], known=[9])
    first, second, third = FarthestPoint(SETTINGS).select(candidates, 3, rng())
    assert (first.index, second.index, third.index) == (0, 1, 2)
    assert second.utility == 1.0  # 1 from the first; the third is 1 from the known one


def test_farthest_point_takes_flagged_ones_only_when_nothing_else_is_left():
    candidates = pool([-5.0, -3.0, -3.0], features=[0, 5, 5], flags=[1, 0, 0])
    picks = FarthestPoint(SETTINGS).select(candidates, 3, rng())
    assert [pick.index for pick in picks][-1] == 0
    assert picks[-1].terms["checks"] == -0.5


def test_random_choice_is_uniform_and_without_replacement():
    counts = np.zeros(4)
    generator = rng()
    for _ in range(4000):
        picks = RandomChoice(SETTINGS).select(pool([0, -50, 0, 0], flags=[0, 0, 3, 0]), 2, generator)
        assert len({pick.index for pick in picks}) == 2
        counts[[pick.index for pick in picks]] += 1
    np.testing.assert_allclose(counts, 2000, rtol=0.06)  # 4 standard deviations are 126


@pytest.mark.parametrize("rule", RULES)
def test_never_more_than_there_is_and_no_index_twice(rule):
    picks = rule(SETTINGS).select(drawn_pool(0, n=3), 10, rng())
    assert sorted(pick.index for pick in picks) == [0, 1, 2]
    assert rule(SETTINGS).select(drawn_pool(0, n=0), 5, rng()) == []


@pytest.mark.parametrize("rule", RULES)
@given(seed=st.integers(0, 2**32 - 1))
def test_same_arguments_same_picks(rule, seed):
    first, again = (rule(SETTINGS).select(drawn_pool(seed), 5, np.random.default_rng(seed)) for _ in "ab")
    assert first == again


@pytest.mark.parametrize("rule", [ExpectedImprovement, FarthestPoint, LowerConfidenceBound])
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_the_pool_does_not_count(rule, seed):
    candidates = drawn_pool(seed)
    order = np.random.default_rng(seed).permutation(12)
    shuffled = Pool(
        candidates.energy[order],
        candidates.energy_std[order],
        candidates.features[order],
        candidates.known_features[::-1],
        candidates.n_flags[order],
    )
    picks = rule(SETTINGS).select(candidates, 5, rng())
    assert [order[pick.index] for pick in rule(SETTINGS).select(shuffled, 5, rng())] == [
        p.index for p in picks
    ]


@given(st.integers(0, 2**32 - 1))
def test_the_terms_of_the_bound_sum_to_its_utility(seed):
    picks = LowerConfidenceBound(SETTINGS).select(drawn_pool(seed), 6, rng())
    for pick in picks:
        assert sum(pick.terms.values()) == pytest.approx(pick.utility, abs=1e-12)


@given(st.integers(0, 2**32 - 1), st.floats(-100, 100))
def test_only_energy_differences_count(seed, shift):
    candidates = drawn_pool(seed)
    moved = Pool(
        candidates.energy + shift,
        *[getattr(candidates, name) for name in ("energy_std", "features", "known_features", "n_flags")],
    )
    for rule in (ExpectedImprovement, FarthestPoint, LowerConfidenceBound):
        indices = [pick.index for pick in rule(SETTINGS).select(candidates, 5, rng())]
        assert [pick.index for pick in rule(SETTINGS).select(moved, 5, rng())] == indices
