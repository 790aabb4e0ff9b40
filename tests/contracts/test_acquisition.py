"""What every registered selection rule must keep."""

from dataclasses import fields

import numpy as np
import pytest

from engine import registry
from engine.config import SelectionSettings
from engine.protocols import Pool

NAMES = registry.names("acquisition")


def pool(n, n_known=3, std=True, members=None):
    rng = np.random.default_rng(n)
    many = (
        {} if members is None else {"committee": rng.normal(size=(members, n)), "whole": rng.normal(size=n)}
    )
    return Pool(
        energy=rng.normal(size=n),
        energy_std=rng.uniform(0.1, 1, n) if std else None,
        features=rng.normal(size=(n, 4)),
        known_features=rng.normal(size=(n_known, 4)),
        n_flags=rng.integers(0, 2, n),
        n_atoms=None if members is None else rng.integers(1, 9, n),
        **many,
    )


def select(name, among, count, seed=0):
    rule = registry.make("acquisition", name, SelectionSettings())
    return rule.select(among, count, np.random.default_rng(seed))


@pytest.mark.parametrize(("std", "members"), [(True, None), (False, None), (True, 5), (False, 2)])
@pytest.mark.parametrize("n_known", [0, 3])
@pytest.mark.parametrize(("n", "count"), [(0, 5), (1, 5), (5, 5), (30, 5)])
@pytest.mark.parametrize("name", NAMES)
def test_it_picks_as_many_as_it_can_and_none_twice(name, n, count, n_known, std, members):  # noqa: PLR0917
    picks = select(name, pool(n, n_known, std, members), count)
    assert len(picks) == min(n, count)
    assert len({pick.index for pick in picks}) == len(picks)
    assert all(0 <= pick.index < n for pick in picks)
    assert all(np.isfinite([pick.utility, *pick.terms.values()]).all() for pick in picks)


@pytest.mark.parametrize("members", [None, 2, 5])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "random"])
def test_the_order_of_the_pool_does_not_count(name, members):
    among, order = pool(30, members=members), np.random.default_rng(1).permutation(30)
    parts = {field.name: getattr(among, field.name) for field in fields(among)}
    shuffled = {
        part: array
        if array is None or part == "known_features"
        else array[..., order, :]
        if part == "features"
        else array[..., order]
        for part, array in parts.items()
    }
    picks = select(name, Pool(**shuffled), 12)
    assert [order[pick.index] for pick in picks] == [pick.index for pick in select(name, among, 12)]


@pytest.mark.parametrize("name", NAMES)
def test_members_that_agree_and_structures_that_are_one_leave_nothing_to_prefer_but_the_energy(name):
    energy = np.array([-3.0, -5.0, -4.0, -2.0])
    same = Pool(
        energy,
        np.zeros(4),
        np.ones((4, 2)),
        np.empty((0, 2)),
        np.zeros(4, int),
        committee=np.tile(energy, (3, 1)),
    )
    picks = [pick.index for pick in select(name, same, 4)]
    assert sorted(picks) == [0, 1, 2, 3]
    if name != "random":
        assert picks == [1, 2, 0, 3]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_pool_and_numbers_give_the_same_picks(name):
    assert select(name, pool(30), 5) == select(name, pool(30), 5)
