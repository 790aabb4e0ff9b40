import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.math import adapted, geometric_ladder, swap_neighbours, swap_probability

ENERGY = st.floats(-20, 20)
KT = st.floats(0.02, 2.0)


def test_the_ladder_rises_by_a_constant_factor():
    ladder = geometric_ladder(0.02, 2.0, 10)
    assert ladder[[0, -1]] == pytest.approx([0.02, 2.0])
    np.testing.assert_allclose(ladder[1:] / ladder[:-1], 100 ** (1 / 9))
    assert geometric_ladder(0.1, 5.0, 1) == [0.1]


@given(KT, KT, ENERGY, ENERGY)
def test_a_swap_keeps_the_balance_of_each_pair_of_states(kT_i, kT_j, E_i, E_j):
    """exp(−β_iE_i − β_jE_j) P(swap) is the same there and back."""
    there = -E_i / kT_i - E_j / kT_j + np.log(swap_probability(kT_i, kT_j, E_i, E_j) or 1e-300)
    back = -E_j / kT_i - E_i / kT_j + np.log(swap_probability(kT_i, kT_j, E_j, E_i) or 1e-300)
    if min(swap_probability(kT_i, kT_j, E_i, E_j), swap_probability(kT_i, kT_j, E_j, E_i)) > 1e-290:
        assert there == pytest.approx(back, abs=1e-6)


def test_two_levels_and_two_temperatures_enumerated():
    """The product of Boltzmann distributions over the four states is what one pair swap leaves invariant."""
    levels, (cold, hot) = (0.0, 0.3), (0.1, 0.4)
    states = list(itertools.product(levels, levels))
    weight = np.array([np.exp(-a / cold - b / hot) for a, b in states])
    move = np.zeros((4, 4))
    for k, (a, b) in enumerate(states):
        p = swap_probability(cold, hot, a, b)
        move[k, states.index((b, a))] += p
        move[k, k] += 1 - p
    np.testing.assert_allclose(move.sum(axis=1), 1)
    np.testing.assert_allclose(weight @ move, weight, rtol=1e-12)


def test_sampled_swaps_follow_the_probability():
    rng, kT, energy = np.random.default_rng(0), np.array([0.1, 0.4]), np.array([-1.0, -0.9])
    swapped = [swap_neighbours(energy, kT, rng)[0] == 1 for _ in range(20_000)]
    # exp(−7.5 · 0.1) = 0.472; standard error 0.0035
    assert np.mean(swapped) == pytest.approx(np.exp(-0.75), abs=0.012)


def test_the_coldest_pair_is_asked_first():
    """So a high walker climbs the whole ladder in one sweep, and a low one falls by one place."""
    kT = geometric_ladder(0.02, 2.0, 4)
    order = swap_neighbours(np.array([3.0, 2.0, 1.0, -50.0]), kT, np.random.default_rng(0))
    assert order.tolist() == [1, 2, 3, 0]
    assert swap_neighbours(np.array([1.0]), kT[:1], np.random.default_rng(0)).tolist() == [0]


def test_the_amplitude_follows_the_acceptance_within_its_bounds():
    assert adapted(1.0, [True] * 6 + [False] * 4) == pytest.approx(1.01)
    assert adapted(1.0, [True] * 4 + [False] * 6) == pytest.approx(0.99)
    assert adapted(5.0, [True] * 10) == 5.0
    assert adapted(0.01, [False] * 10) == 0.01
