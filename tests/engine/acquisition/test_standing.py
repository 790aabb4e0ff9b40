"""A card's rank by all terms, and with each left out."""

import numpy as np
import pytest

from engine.acquisition import LowerConfidenceBound
from engine.acquisition.standing import ranking
from engine.config import SelectionSettings
from engine.protocols import Pool

TERMS = [
    {"promise": 0.0, "uncertainty": 0.2, "diversity": 0.1, "checks": 0.0},
    {"promise": -0.6, "uncertainty": 1.5, "diversity": 0.3, "checks": 0.0},
    {"promise": -0.3, "uncertainty": 0.1, "diversity": 0.9, "checks": 0.0},
    {"promise": -0.15, "uncertainty": 1.9, "diversity": 0.8, "checks": -1.0},
]
ENERGY = np.array([-9.0, -8.4, -8.7, -8.85])


def standing(rule, terms, energy, index):
    ranked = ranking(rule, terms, energy)
    return None if ranked is None else ranked.of(index)


def test_the_sum_decides_and_each_term_is_left_out_for_all():
    sums = [sum(t.values()) for t in TERMS]  # 0.3, 1.2, 0.7, 1.55
    for index, rank in enumerate([4, 2, 3, 1]):
        found = standing("lower-confidence-bound", TERMS, ENERGY, index)
        assert (found.rank, found.among) == (rank, 4)
        for name, said in found.without.items():
            left = np.array(sums) - [t[name] for t in TERMS]
            assert said == 1 + (left > left[index]).sum()
    assert standing("lower-confidence-bound", TERMS, ENERGY, 1).without == {
        "promise": 1,
        "uncertainty": 3,
        "diversity": 1,
        "checks": 2,
    }


def test_it_is_the_order_of_the_rule_itself():
    rng = np.random.default_rng(3)
    n, settings = 12, SelectionSettings(diversity=0.0)
    pool = Pool(
        energy=rng.normal(size=n),
        energy_std=rng.uniform(0.1, 1, n),
        features=rng.normal(size=(n, 4)),
        known_features=rng.normal(size=(2, 4)),
        n_flags=rng.integers(0, 2, n),
    )
    picks = LowerConfidenceBound(settings).select(pool, n, rng)
    terms, energy = [pick.terms for pick in picks], pool.energy[[pick.index for pick in picks]]
    ranks = [standing("lower-confidence-bound", terms, energy, k).rank for k in range(n)]
    assert ranks == list(range(1, n + 1))


@pytest.mark.parametrize("rule", ["expected-improvement", "query-by-committee"])
def test_without_the_uncertainty_the_lowest_energy_is_first(rule):
    clean = [{**t, "checks": 0.0} for t in TERMS]
    assert [standing(rule, clean, ENERGY, k).without["uncertainty"] for k in range(4)] == [1, 4, 3, 2]


def test_without_promise_and_diversity_the_expected_improvement_orders_by_uncertainty():
    level = [{"promise": 0.0, "uncertainty": s, "diversity": 1.0} for s in (0.3, 0.9, 0.6)]
    ranks = [standing("expected-improvement", level, ENERGY[:3], k).without["diversity"] for k in range(3)]
    assert ranks == [3, 1, 2]


def test_where_flagged_cards_come_last_they_do():
    ranks = [standing("highest-uncertainty", TERMS, ENERGY, k) for k in range(4)]
    assert [found.rank for found in ranks] == [2, 1, 3, 4]
    assert ranks[3].without["checks"] == 1


def test_no_rank_of_one_card_of_chance_or_of_other_terms():
    assert standing("lower-confidence-bound", TERMS[:1], ENERGY[:1], 0) is None
    assert standing("random", TERMS, ENERGY, 0) is None
    assert standing("lower-confidence-bound", [*TERMS, {"promise": 1.0}], np.append(ENERGY, 0), 0) is None
