import itertools
import json

import numpy as np
import pytest
from ase import Atoms
from ase.constraints import FixAtoms
from ase.data import covalent_radii
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import BasinHoppingSettings, SystemSettings
from engine.generators import BasinHopping, place
from engine.generators.hop import hop, metropolis
from engine.potentials.ase_calculator import ASECalculator
from engine.protocols import Prediction
from engine.space import Space
from tests.clusters import random_clusters

EMT = ASECalculator("ase.calculators.emt:EMT", {})
BOX = Space.of(SystemSettings())
SYSTEM = Space.of(SystemSettings(composition="Ag5", confinement=9.0))
SETTINGS = BasinHoppingSettings(walkers=3, steps=30)
SEEDS = st.integers(0, 2**32 - 1)


def steps(search, count, potential=EMT, seed=0, state=None):
    state, found = state or search.start(), []
    for k in range(count):
        state = json.loads(json.dumps(state))
        state, proposals = search.step(state, potential, np.random.default_rng([seed, k]))
        found.append([proposal.structure for proposal in proposals])
    return state, found


def positions(state):
    return [walker["positions"] for walker in state["walkers"]]


class Level:
    """The same energy everywhere but for `energies`, taken in turn by each batch; no forces."""

    def __init__(self, *energies):
        self.energies = list(energies)

    def predict(self, structures):
        energy = np.array(self.energies.pop(0) if self.energies else [0.0] * len(structures))
        return Prediction(energy, tuple(np.zeros((len(s), 3)) for s in structures))


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.sampled_from([0.25, 0.5, 1.0]))
def test_a_hop_moves_a_part_of_the_atoms_to_bonded_places_inside_the_cube(seed, fraction):
    rng = np.random.default_rng(seed)
    before = place(Space.of(SystemSettings()), (0.75, 1.25), 100, rng)
    before.positions += 10 - before.positions.mean(axis=0)
    chosen = BasinHoppingSettings(fraction=fraction)
    after = hop(before, chosen.amplitude, chosen, Space.of(SystemSettings(confinement=12.0)), rng)
    length = np.linalg.norm(after.positions - before.positions, axis=1)
    assert (length > 1e-9).sum() <= round(fraction * 12)
    assert length.max() <= chosen.amplitude + 1e-9
    moved = length > 1e-9
    assert np.abs(after.positions[moved] - 10).max(initial=0) <= 6 + 1e-9
    radii = covalent_radii[after.numbers]
    ratio = after.get_all_distances() / np.add.outer(radii, radii) + np.diag([np.inf] * 12)
    assert ratio[moved].min(initial=np.inf) >= 0.75 - 1e-9


def test_most_hops_find_a_place():
    moved = 0
    for seed, cluster in enumerate(random_clusters("Ag8S4", 20)):
        cluster.positions += 10 - cluster.positions.mean(axis=0)
        after = hop(cluster, 3.0, BasinHoppingSettings(), BOX, np.random.default_rng(seed))
        moved += (np.linalg.norm(after.positions - cluster.positions, axis=1) > 1e-9).sum()
    assert moved >= 55  # of 60


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_fixed_atoms_stay_where_they_are(seed):
    (cluster,) = random_clusters("Ag8S4", 1)
    cluster.set_constraint(FixAtoms([0, 3, 5]))
    after = hop(cluster, 3.0, BasinHoppingSettings(fraction=1.0), BOX, np.random.default_rng(seed))
    assert np.array_equal(after.positions[[0, 3, 5]], cluster.positions[[0, 3, 5]])
    assert np.abs(after.positions - cluster.positions).max() > 0.1


def test_fixed_atoms_stay_through_all_steps():
    (cluster,) = random_clusters("Ag5", 1)
    cluster.set_constraint(FixAtoms([1, 2]))
    search = BasinHopping(SETTINGS, SYSTEM)
    state, found = steps(search, 3, state=search.start(cluster))
    for structure in itertools.chain(*found):
        np.testing.assert_array_equal(structure.positions[[1, 2]], cluster.positions[[1, 2]])
        assert structure.constraints[0].index.tolist() == [1, 2]
    assert all(walker["fixed"] == [1, 2] for walker in state["walkers"])


def test_without_a_start_each_walker_begins_in_a_random_cluster():
    state, (first,) = steps(BasinHopping(SETTINGS, SYSTEM), 1)
    assert len(first) == len(state["walkers"]) == 3
    assert len({str(walker) for walker in positions(state)}) == 3
    assert (state["hops"], state["accepted"]) == (0, 0)


def test_with_a_start_all_walkers_begin_in_its_minimum():
    (cluster,) = random_clusters("Ag5", 1)
    search = BasinHopping(SETTINGS, Space.of(SystemSettings(composition="Ag5")))
    state, (first,) = steps(search, 1, state=search.start(cluster))
    assert len(first) == 1
    assert positions(state) == [first[0].positions.tolist()] * 3


def test_the_same_rng_gives_the_same_walk_and_another_one_another():
    search = BasinHopping(SETTINGS, SYSTEM)
    assert steps(search, 3) == steps(search, 3)
    assert positions(steps(search, 3)[0]) != positions(steps(search, 3, seed=1)[0])


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_walkers_stay_inside_the_cube(seed):
    tight = Space.of(SystemSettings(composition="Ag5", confinement=6.0))
    state, _ = steps(BasinHopping(SETTINGS, tight), 3, seed=seed)
    assert np.abs(np.array(positions(state)) - 10).max() <= 3.0 + 1e-9


def test_downhill_is_accepted_far_uphill_and_no_energy_are_not():
    rng = np.random.default_rng(0)
    rise = np.array([-1.0, 50.0, np.nan, np.inf, -np.inf, 0.0, -1e9])
    assert metropolis(rise, 0.25, rng).tolist() == [True, False, False, False, False, True, True]


def test_uphill_is_accepted_with_the_boltzmann_probability():
    accepted = metropolis(np.full(20000, 0.25), 0.25, np.random.default_rng(0))
    assert accepted.mean() == pytest.approx(np.exp(-1), abs=0.01)  # standard error 0.0034


def test_the_old_energy_is_asked_of_the_present_potential():
    """Every trial lies 1 eV below what the walkers have *now*: all are accepted."""
    search = BasinHopping(SETTINGS, SYSTEM)
    state, _ = steps(search, 1, Level())
    after, _ = search.step(state, Level([5.0] * 3, [6.0] * 3), np.random.default_rng(0))
    assert after["accepted"] == 3
    after, _ = search.step(state, Level([6.0 + 50] * 3, [6.0] * 3), np.random.default_rng(0))
    assert after["accepted"] == 0
    assert positions(after) == positions(state)


def test_what_has_no_energy_is_neither_proposed_nor_walked_to():
    search = BasinHopping(SETTINGS, SYSTEM)
    state, _ = steps(search, 1, Level())
    after, proposals = search.step(state, Level([np.nan, 0.0, 0.0]), np.random.default_rng(0))
    assert len(proposals) == 2
    assert positions(after)[0] == positions(state)[0]


def test_it_goes_downhill():
    """Ag13 in EMT: some hop of the walk lies below where it began."""
    system = Space.of(SystemSettings(composition="Ag13"))
    state, found = steps(BasinHopping(BasinHoppingSettings(walkers=4), system), 8)
    energy = [EMT.predict(structures).energy.min() for structures in found]
    assert min(energy[1:]) < energy[0] - 0.2
    assert state["hops"] == 28
    assert 0 < state["accepted"] < 28


def test_a_lone_atom_has_nowhere_to_hop():
    search = BasinHopping(SETTINGS, Space.of(SystemSettings(composition="Ag")))
    state, _ = steps(search, 2)
    assert all(len(walker["numbers"]) == 1 for walker in state["walkers"])


def test_atoms_that_find_no_place_stay():
    pair = Atoms("Ag2", [[10, 10, 8.6], [10, 10, 11.4]], cell=[20, 20, 20])
    cramped = BasinHoppingSettings(bond=(5.0, 5.1), tries=5)
    np.testing.assert_allclose(
        hop(pair, 3.0, cramped, BOX, np.random.default_rng(0)).positions, pair.positions
    )
