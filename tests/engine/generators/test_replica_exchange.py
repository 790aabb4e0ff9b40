import json

import numpy as np
import pytest
from ase.constraints import FixAtoms

from engine.config import ReplicaExchangeSettings, SystemSettings, parse
from engine.errors import ConfigError
from engine.generators import ReplicaExchange
from engine.generators.walkers import from_plain
from engine.potentials.ase_calculator import ASECalculator
from engine.protocols import Prediction
from engine.space import Space
from tests.clusters import random_clusters

EMT = ASECalculator("ase.calculators.emt:EMT", {})
SYSTEM = Space.of(SystemSettings(composition="Ag5", confinement=9.0))
SETTINGS = ReplicaExchangeSettings(walkers=4, steps=20, swap_every=2)


def rounds(search, count, potential=EMT, seed=0, state=None):
    state, found = state or search.start(), []
    for k in range(count):
        state = json.loads(json.dumps(state))
        state, proposals = search.step(state, potential, np.random.default_rng([seed, k]))
        found.append([proposal.structure for proposal in proposals])
    return state, found


def positions(state):
    return [walker["positions"] for walker in state["walkers"]]


class Shifted:
    """EMT with another zero of energy: a potential that was fitted again."""

    def __init__(self, by):
        self.by = by

    def predict(self, structures):
        said = EMT.predict(structures)
        return Prediction(said.energy + self.by, said.forces)


def test_the_first_round_sets_the_coldest_walker_on_the_lowest_minimum():
    state, (first,) = rounds(ReplicaExchange(SETTINGS, SYSTEM), 1)
    assert len(first) == len(state["walkers"]) == 4
    assert state["energy"] == sorted(state["energy"])
    assert state["amplitude"] == pytest.approx([0.1, 0.1 * 50 ** (1 / 3), 0.1 * 50 ** (2 / 3), 5.0])
    assert (state["round"], state["swaps"]) == (0, [[0, 0]] * 3)


def test_a_proposal_of_the_first_round_is_of_the_walker_that_stands_on_it():
    search = ReplicaExchange(SETTINGS, SYSTEM)
    state, found = search.step(search.start(), EMT, np.random.default_rng(0))
    assert [one.walker for one in found] != sorted(one.walker for one in found), "they came in another order"
    for one in found:
        np.testing.assert_array_equal(one.structure.positions, positions(state)[one.walker])
    _, found = search.step(state, EMT, np.random.default_rng(1))
    assert [one.walker for one in found] == sorted(one.walker for one in found)


def test_the_energies_kept_are_those_of_the_structures_in_the_present_potential():
    search = ReplicaExchange(SETTINGS, SYSTEM)
    state, _ = rounds(search, 5)
    walkers = [from_plain(walker) for walker in state["walkers"]]
    np.testing.assert_allclose(EMT.predict(walkers).energy, state["energy"], atol=1e-9)
    # 100 eV higher or lower: a walker that kept its old energy would accept everything, or nothing
    for shift in (100.0, -100.0):
        after, _ = search.step(state, Shifted(shift), np.random.default_rng(3))
        same, _ = search.step(state, EMT, np.random.default_rng(3))
        assert positions(after) == positions(same)
        np.testing.assert_allclose(np.array(after["energy"]) - shift, same["energy"])


def test_swaps_come_every_few_rounds_and_are_counted_for_each_pair():
    state, _ = rounds(ReplicaExchange(SETTINGS, SYSTEM), 1 + 6)
    assert state["round"] == 6
    assert [attempted for attempted, _ in state["swaps"]] == [3, 3, 3]
    assert all(0 <= done <= 3 for _, done in state["swaps"])


def test_at_a_cadence_only_walkers_that_moved_are_offered_and_where_they_stand_then():
    settings = SETTINGS.model_copy(
        update={"offer_every": 3, "swap_every": 1, "kT": (1e-6, 1e-6), "steps": 60}
    )
    search = ReplicaExchange(settings, SYSTEM)
    state, (first,) = rounds(search, 1)
    assert len(first) == 4, "the first minima are offered at once"
    offered, n_kept = {str(one) for one in positions(state)}, 0
    for k in range(1, 13):
        state, found = search.step(json.loads(json.dumps(state)), EMT, np.random.default_rng([0, k]))
        if k % 3:
            assert found == []
            continue
        stand = positions(state)
        assert {one.walker for one in found} == {w for w in range(4) if str(stand[w]) not in offered}
        for one in found:
            assert one.structure.positions.tolist() == stand[one.walker]
        n_kept += 4 - len(found)
        offered |= {str(one) for one in stand}
    assert 0 < n_kept < 16, "some stayed where they were, and some moved"


def test_a_state_of_before_there_was_a_cadence_goes_on_at_one():
    state, _ = rounds(ReplicaExchange(SETTINGS, SYSTEM), 2)
    del state["moved"]
    search = ReplicaExchange(SETTINGS.model_copy(update={"offer_every": 2}), SYSTEM)
    state, (found,) = rounds(search, 1, state=state)
    assert state["round"] == 2
    assert len(state["moved"]) == 4
    assert found, "the hottest walker is new in each round"


@pytest.mark.parametrize("walkers", [2, 6])
def test_with_another_number_of_walkers_they_begin_anew(walkers):
    """As where campaign.toml was edited between two rounds."""
    state, _ = rounds(ReplicaExchange(SETTINGS, SYSTEM), 3)
    search = ReplicaExchange(SETTINGS.model_copy(update={"walkers": walkers}), SYSTEM)
    later, (first, second) = rounds(search, 2, state=state)
    assert len(later["walkers"]) == len(later["kT"]) == walkers
    assert first
    assert second
    assert later["round"] == state["round"] + 1


def test_the_hottest_walker_is_a_fresh_random_cluster_in_every_round():
    search = ReplicaExchange(SETTINGS.model_copy(update={"swap_every": 100}), SYSTEM)
    state, _ = rounds(search, 1)
    for k in range(1, 4):
        before = positions(state)[-1]
        state, found = search.step(state, EMT, np.random.default_rng([0, k]))
        assert positions(state)[-1] != before
        assert positions(state)[-1] == found[-1].structure.positions.tolist()


def test_with_a_start_nothing_is_random_and_fixed_atoms_stay():
    (cluster,) = random_clusters("Ag5", 1)
    cluster.set_constraint(FixAtoms([1, 2]))
    search = ReplicaExchange(SETTINGS, SYSTEM)
    state, found = rounds(search, 4, state=search.start(cluster))
    for structure in [s for proposals in found for s in proposals]:
        np.testing.assert_array_equal(structure.positions[[1, 2]], cluster.positions[[1, 2]])
    assert not state["random"]


def test_a_round_that_was_killed_is_taken_again_and_gives_the_same():
    search = ReplicaExchange(SETTINGS, SYSTEM)
    whole, found = rounds(search, 5)
    half, first = rounds(search, 3)
    again, rest = half, []
    for k in range(3, 5):
        again, proposals = search.step(again, EMT, np.random.default_rng([0, k]))
        rest.append([proposal.structure for proposal in proposals])
    assert json.loads(json.dumps(again)) == json.loads(json.dumps(whole))
    assert first + rest == found


def test_a_cold_walker_only_ever_goes_down_and_the_search_finds_a_deeper_minimum():
    """Ag13 in EMT, temperatures so low that nothing uphill is accepted."""
    cold = ReplicaExchangeSettings(walkers=4, kT=(1e-6, 1e-6), amplitude=(2.0, 5.0), steps=60)
    search = ReplicaExchange(cold, Space.of(SystemSettings(composition="Ag13")))
    state, _ = rounds(search, 1)
    lowest = [min(state["energy"])]
    for k in range(1, 10):
        state, _ = search.step(state, EMT, np.random.default_rng([0, k]))
        lowest.append(min(state["energy"]))
    assert lowest == sorted(lowest, reverse=True)
    assert lowest[-1] < lowest[0] - 0.2


def test_a_ladder_that_falls_is_refused_in_words():
    with pytest.raises(ConfigError, match=r"search.*kT.*smaller number first"):
        parse('[[search]]\nname = "replica-exchange"\nkT = [2.0, 0.02]')
