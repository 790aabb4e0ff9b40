"""Trajectories in potentials whose states are known, cut into visits."""

import numpy as np
import pytest
from ase import Atoms

from engine.config import CrystalSettings, SystemSettings, WatchSettings
from engine.generators.frames import distance, farthest
from engine.generators.watch import Jump, Trajectory, Visit, follow, new_states
from engine.potentials.ase_calculator import ASECalculator
from engine.protocols import Prediction
from engine.references.double_well import DoubleWellReference
from engine.space import Space

BATH = {"temperature": 1000.0, "timestep": 8.0, "friction": 0.01, "steps": 5, "window": 8, "threshold": 4.0}


def dimer(d=2.9):
    return Atoms("Na2", [[10, 10, 10 - d / 2], [10, 10, 10 + d / 2]], cell=[20, 20, 20])


def length(structure):
    return structure.get_distance(0, 1)


@pytest.fixture(scope="module")
def hopping():
    settings = WatchSettings(frames=100, trajectories=4, same=0.4, **BATH)
    potential = ASECalculator(DoubleWellReference({}).calculator(), {})
    return settings, follow(dimer(), potential, settings, np.random.default_rng(1))


def test_visits_lie_between_jumps_and_around_the_wells(hopping):
    _, trajectories = hopping
    visits = [visit for one in trajectories for visit in one.visits]
    assert len(visits) > 4
    for one in trajectories:
        assert [v.begin for v in one.visits] == [0, *(v.end for v in one.visits)][:-1]
        assert one.visits[-1].end == len(one.frames) == 100
        assert {v.begin for v in one.visits} <= {0, *(jump.frame for jump in one.jumps)}
        d = np.array([length(frame) for frame in one.frames])
        np.testing.assert_allclose(one.signals["displacement"], np.abs(d - 2.9) / 2, atol=0.01)
    longest = max(visits, key=lambda v: v.end - v.begin)
    assert min(abs(length(longest.structure) - well) for well in (3.0, 4.9)) < 0.4
    assert all("uncertainty" not in one.signals for one in trajectories)  # one model alone has none


def test_the_far_well_is_new_once_and_then_known(hopping):
    settings, trajectories = hopping
    new = new_states(trajectories, [dimer(3.0)], settings)
    (far,) = [state for state in new if abs(length(state.structure) - 4.9) < 0.6]
    frames = [trajectories[far.trajectory].frames[k] for k in far.around]
    assert length(frames[0]) < 3.9 < length(frames[2])
    assert far.around[0] < far.around[1] < far.around[2]
    assert far.jump.scores["displacement"] >= settings.threshold
    assert new_states(trajectories, [dimer(3.0), *(state.structure for state in new)], settings) == []


def test_no_more_states_than_are_asked_for():
    settings = WatchSettings(frames=30, most=2, same=0.25, window=5)
    places = (3.0, 5.0, 7.0, 9.0)
    visits = [Visit(10 * k, 10 * k + 10, dimer(d)) for k, d in enumerate(places)]
    hops = tuple(Jump(10 * k, {"displacement": 9.0}) for k in (1, 2, 3))
    one = Trajectory(tuple(dimer() for _ in range(40)), np.arange(40.0), {}, hops, tuple(visits))
    found = new_states([one], [dimer(3.0)], settings)
    assert [length(state.structure) for state in found] == pytest.approx([5.0, 7.0])
    short = WatchSettings(frames=30, most=2, same=0.25, window=6)
    assert new_states([one], [dimer(3.0)], short) == []
    assert [state.around for state in found] == [(7, 10, 12), (17, 20, 22)]


class Springs:
    """Every atom of the crystal on a spring to its site."""

    def __init__(self, sites):
        self._sites = sites.positions

    def predict(self, structures):
        away = [s.positions - self._sites for s in structures]
        return Prediction(np.array([(x**2).sum() for x in away]), tuple(-2.0 * x for x in away))


def test_a_harmonic_crystal_stays_where_it_is():
    crystal = Space.of(SystemSettings(crystal=CrystalSettings(lattice="diamond"))).substrate
    settings = WatchSettings(frames=40, trajectories=2, temperature=300.0, friction=0.02)
    for one in follow(crystal, Springs(crystal), settings, np.random.default_rng(0)):
        assert one.signals["anharmonicity"].max() < 1e-5
        assert len(one.visits) == 1
        assert new_states([one], [crystal], settings) == []


def test_a_cluster_that_turned_has_not_moved():
    bent = Atoms("H2O", [[0, 0, 0], [0.9, 0, 0], [0, 0.8, 0]])
    turned = bent.copy()
    turned.rotate(70, (1, 2, 3))
    assert distance(turned, bent) == pytest.approx(0, abs=1e-9)
    turned.positions[0] += [0.5, 0, 0]
    assert 0.2 < farthest(turned, bent) < 0.5
    assert farthest(bent, Atoms("OHH", bent.positions)) == np.inf
