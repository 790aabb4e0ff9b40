"""What every registered selection rule must keep."""

import numpy as np
import pytest

from engine import registry
from engine.config import SelectionSettings
from engine.protocols import Pool

NAMES = registry.names("acquisition")


def pool(n, n_known=3, std=True):
    rng = np.random.default_rng(n)
    return Pool(
        energy=rng.normal(size=n),
        energy_std=rng.uniform(0.1, 1, n) if std else None,
        features=rng.normal(size=(n, 4)),
        known_features=rng.normal(size=(n_known, 4)),
        n_flags=rng.integers(0, 2, n),
    )


def select(name, among, count, seed=0):
    rule = registry.make("acquisition", name, SelectionSettings())
    return rule.select(among, count, np.random.default_rng(seed))


@pytest.mark.parametrize("std", [True, False], ids=["with σ", "without σ"])
@pytest.mark.parametrize("n_known", [0, 3])
@pytest.mark.parametrize(("n", "count"), [(0, 5), (1, 5), (5, 5), (30, 5)])
@pytest.mark.parametrize("name", NAMES)
def test_it_picks_as_many_as_it_can_and_none_twice(name, n, count, n_known, std):
    picks = select(name, pool(n, n_known, std), count)
    assert len(picks) == min(n, count)
    assert len({pick.index for pick in picks}) == len(picks)
    assert all(0 <= pick.index < n for pick in picks)
    assert all(np.isfinite([pick.utility, *pick.terms.values()]).all() for pick in picks)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_pool_and_numbers_give_the_same_picks(name):
    assert select(name, pool(30), 5) == select(name, pool(30), 5)
