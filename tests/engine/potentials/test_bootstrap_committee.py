"""Δ-models on bootstrap samples: each is the model that a fit by hand to its sample gives."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from engine.config import CommitteeSettings, DeltaSettings
from engine.errors import CampaignError, StructureError
from engine.potentials.bootstrap_committee import BootstrapCommittee, samples
from engine.potentials.delta import Delta
from engine.potentials.nothing import Nothing
from engine.potentials.sparse_gpr import SparseGPR
from tests.clusters import random_clusters

SETTINGS = CommitteeSettings(members=3)
DELTA = DeltaSettings(r_cut=4.0, n_max=2, l_max=1, length_scale=5.0, inducing_points=40)
TRAIN, NEW = random_clusters("Ag4S2", 12), random_clusters("Ag4S2", 4, seed=1)
ENERGIES = np.array([structure.positions.std() for structure in TRAIN]) - 3.0


@pytest.fixture(scope="module")
def committee():
    return BootstrapCommittee.fit(TRAIN, ENERGIES, SETTINGS, DELTA, seed=4)


def test_a_member_is_the_model_fitted_to_its_sample_by_hand(committee):
    said = committee.members(NEW)
    for index, chosen in enumerate(samples(12, 3, seed=4)):
        assert 1 < len(set(chosen.tolist())) < 12
        by_hand = SparseGPR.fit([TRAIN[i] for i in chosen], ENERGIES[chosen], DELTA).predict(NEW)
        np.testing.assert_array_equal(said.energy[index], by_hand.energy)
        np.testing.assert_array_equal(said.forces[1][index], by_hand.forces[1])
        np.testing.assert_array_equal(committee.member(index).predict(NEW).energy, by_hand.energy)
    np.testing.assert_array_equal(said.whole, SparseGPR.fit(TRAIN, ENERGIES, DELTA).predict(NEW).energy)


def test_the_mean_and_the_spread_are_those_of_the_members(committee):
    said, members = committee.predict(NEW), committee.members(NEW)
    np.testing.assert_allclose(said.energy, members.energy.mean(axis=0))
    np.testing.assert_allclose(said.energy_std, members.energy.std(axis=0, ddof=1))
    np.testing.assert_allclose(said.forces[2], members.forces[2].mean(axis=0), atol=1e-12)
    local = [committee.member(k).local_energies(NEW)[0] for k in range(3)]
    np.testing.assert_allclose(np.sum(local, axis=1), members.energy[:, 0])
    np.testing.assert_allclose(said.atom_std[0], np.std(local, axis=0, ddof=1))
    twice = committee.calibrated(np.tile([-2.0, 2.0], 10))
    assert twice.std_scale == pytest.approx(2, rel=0.1)
    np.testing.assert_allclose(twice.members(NEW).atom_std[0], said.atom_std[0])
    np.testing.assert_allclose(twice.predict(NEW).atom_std[0], twice.std_scale * said.atom_std[0])


def test_forces_of_the_bound_are_its_derivatives(committee):
    step, structure = 1e-4, NEW[0]
    moved = []
    for flat in range(18):
        for sign in (1, -1):
            copy = structure.copy()
            copy.positions.flat[flat] += sign * step
            moved.append(copy)
    energy = committee.lower_bound(moved, 1.5).energy
    forces = committee.lower_bound([structure], 1.5).forces[0]
    np.testing.assert_allclose(forces.ravel(), -(energy[::2] - energy[1::2]) / (2 * step), atol=1e-6)


def test_a_crystals_stress_is_the_derivative_of_its_energy():
    rng, crystals = np.random.default_rng(0), []
    for _ in range(6):
        crystal = bulk("Si", cubic=True)
        crystal.rattle(0.1, rng=rng)
        crystals.append(crystal)
    model = BootstrapCommittee.fit(crystals, rng.normal(0, 0.3, 6), SETTINGS, DELTA)
    potential, crystal, step = Delta(Nothing(), model.member(0)), crystals[0], 1e-5
    for both in (model, potential):
        stress = both.predict([crystal]).stress[0]
        for place, (a, b) in enumerate(((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))):
            strained = []
            for sign in (1, -1):
                strain = np.zeros((3, 3))
                strain[a, b] += sign * step / 2
                strain[b, a] += sign * step / 2
                copy = crystal.copy()
                copy.set_cell(copy.cell.array @ (np.eye(3) + strain), scale_atoms=True)
                strained.append(copy)
            up, down = both.predict(strained).energy
            assert stress[place] == pytest.approx((up - down) / (2 * step) / crystal.cell.volume, abs=1e-6)
    assert np.isnan(model.predict([*crystals[:1], Atoms("Si")]).stress).any(axis=1).tolist() == [False, True]


def test_what_is_saved_is_read_back_whole(committee, tmp_path):
    path = tmp_path / "committee.npz"
    committee.calibrated(np.full(20, 2.0)).save(path)
    again = BootstrapCommittee.load(path)
    np.testing.assert_array_equal(again.members(NEW).energy, committee.members(NEW).energy)
    np.testing.assert_array_equal(again.members(NEW).whole, committee.members(NEW).whole)
    assert again.std_scale == committee.calibrated(np.full(20, 2.0)).std_scale > 1.5
    SparseGPR.fit(TRAIN, ENERGIES, DELTA).save(path)
    with pytest.raises(CampaignError, match="not a committee that can be read"):
        BootstrapCommittee.load(path)


def test_what_cannot_be_fitted_or_said_is_one_line(committee):
    with pytest.raises(StructureError, match="at least one labelled structure"):
        BootstrapCommittee.fit([], np.empty(0), SETTINGS, DELTA)
    with pytest.raises(StructureError, match="Cu2 holds Cu"):
        committee.predict([Atoms("Cu2", positions=[[0, 0, 0], [0, 0, 2.5]])])
