"""Networks trained together: derivatives, invariances, what spread means, members that know of no other."""

import numpy as np
import pytest
import torch
from ase import Atoms
from ase.build import bulk
from pydantic import ValidationError

from engine.config import AngularGrid, CommitteeSettings, SymmetryFunctions
from engine.crystals import strained
from engine.errors import CampaignError, StructureError
from engine.math import strains
from engine.potentials import network_committee
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.calculator import PotentialCalculator
from engine.potentials.network_committee import NetworkCommittee
from engine.potentials.network_training import TrainingSet, initial_weights, train
from engine.potentials.silicon import Silicon
from engine.properties import elastic
from tests.clusters import random_clusters, rotated

torch.set_num_threads(1)

FEW = SymmetryFunctions(
    r_cut=5.0,
    g2=((0.05, 0.0), (0.5, 0.0), (4.0, 2.35), (4.0, 3.5)),
    g4=AngularGrid(eta=(0.01,), zeta=(1.0, 4.0), **{"lambda": (1.0, -1.0)}),
)
SETTINGS = CommitteeSettings(members=4, hidden=(8, 8), epochs=60, directions=8)


def alloys(count, seed, rattle=0.15):
    """Strained and rattled SiGe crystals of 8 atoms."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        crystal = bulk("Si", cubic=True)
        crystal.numbers[rng.choice(8, 3, replace=False)] = 32
        crystal.set_cell(
            crystal.cell.array @ (np.eye(3) + rng.uniform(-0.03, 0.03, (3, 3))), scale_atoms=True
        )
        crystal.positions += rng.normal(0, rattle, (8, 3))
        made.append(crystal)
    return made


def labels(structures):
    """A pair repulsion between nearest neighbours that depends on the species (eV, eV/Å)."""
    energies, forces = [], []
    for structure in structures:
        energy, force = 0.0, np.zeros((len(structure), 3))
        shifts = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
        for shift in shifts @ structure.cell.array:
            vector = structure.positions + shift - structure.positions[:, None]
            r = np.linalg.norm(vector, axis=2)
            near = (r > 0) & (r < 4.0)
            heavy = 1 + 0.3 * ((structure.numbers == 32)[:, None] & (structure.numbers == 32))
            energy += 0.5 * (heavy * near * (4.0 - r) ** 3).sum()
            pull = heavy * near * -3 * (4.0 - r) ** 2 / np.where(r > 0, r, 1)
            force += (pull[:, :, None] * vector).sum(axis=1)
        energies.append(energy - 4.0 * len(structure))
        forces.append(force)
    return np.array(energies), forces


TRAIN, NEW = alloys(30, seed=0), alloys(6, seed=1)
ENERGIES, FORCES = labels(TRAIN)


@pytest.fixture(scope="module")
def committee():
    return NetworkCommittee.fit(TRAIN, ENERGIES, SETTINGS, FORCES, seed=3, functions=FEW)


@pytest.fixture(scope="module")
def subsampled():
    settings = SETTINGS.model_copy(update={"subsample": 0.5, "epochs": 20})
    return NetworkCommittee.fit(TRAIN, ENERGIES, settings, FORCES, functions=FEW)


def differences(potential, structure, step=3e-5):
    """Forces by central differences (n, 3) and stress (6,) by small strains."""
    moved = []
    for flat in range(3 * len(structure)):
        for sign in (1, -1):
            copy = structure.copy()
            copy.positions.flat[flat] += sign * step
            moved.append(copy)
    strained = []
    for a, b in ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)):
        for sign in (1, -1):
            strain = np.zeros((3, 3))
            strain[a, b] += sign * step / 2
            strain[b, a] += sign * step / 2
            copy = structure.copy()
            copy.set_cell(copy.cell.array @ (np.eye(3) + strain), scale_atoms=True)
            strained.append(copy)
    energy = potential.predict([*moved, *strained]).energy
    slope = (energy[::2] - energy[1::2]) / (2 * step)
    return -slope[: 3 * len(structure)].reshape(-1, 3), slope[3 * len(structure) :] / structure.cell.volume


@pytest.mark.parametrize("which", ["mean", "member", "bound"])
def test_forces_and_stress_are_derivatives_of_the_energy(committee, which):
    class Bound:
        def predict(self, structures):
            return committee.lower_bound(structures, 2.0)

    potential = {"mean": committee, "member": committee.member(1), "bound": Bound()}[which]
    forces, stress = differences(potential, NEW[0])
    said = potential.predict(NEW[:1])
    np.testing.assert_allclose(said.forces[0], forces, atol=1e-6)
    np.testing.assert_allclose(said.stress[0], stress, atol=1e-7)


def test_nothing_changes_with_order_place_or_orientation(committee):
    crystal = NEW[1].repeat((2, 1, 1))
    order = np.random.default_rng(0).permutation(16)
    moved = crystal.copy()
    moved.rotate(50, (1, 2, 3), rotate_cell=True)
    moved.positions += [7.0, -1.0, 0.3]
    one, permuted, turned, small = (committee.members([s]) for s in (crystal, crystal[order], moved, NEW[1]))
    for other in (permuted, turned):
        np.testing.assert_allclose(other.energy, one.energy, atol=1e-9)
    np.testing.assert_allclose(one.energy, 2 * small.energy, atol=1e-9)
    np.testing.assert_allclose(permuted.forces[0], one.forces[0][:, order], atol=1e-9)
    np.testing.assert_allclose(permuted.stress, one.stress, atol=1e-10)
    cluster = random_clusters("Si3Ge2", 1)[0]
    before, after = committee.predict([cluster]), committee.predict([rotated(cluster, 1)])
    assert after.energy[0] == pytest.approx(before.energy[0], abs=1e-9)
    assert np.isnan(before.stress).all()


def test_the_mean_and_the_spread_are_those_of_the_members(committee):
    said, members = committee.predict(NEW), committee.members(NEW)
    assert members.energy.shape == (committee.n_members, len(NEW)) == (4, 6)
    assert members.whole is None
    np.testing.assert_allclose(said.energy, members.energy.mean(axis=0))
    np.testing.assert_allclose(said.energy_std, members.energy.std(axis=0, ddof=1))
    np.testing.assert_allclose(said.stress, members.stress.mean(axis=0), atol=1e-12)
    for mean, each in zip(said.forces, members.forces, strict=True):
        np.testing.assert_allclose(mean, each.mean(axis=0), atol=1e-10)
    for index in range(4):
        alone = committee.member(index).predict(NEW)
        np.testing.assert_allclose(alone.energy, members.energy[index])
        np.testing.assert_allclose(alone.forces[2], members.forces[2][index], atol=1e-10)
    assert [len(std) for std in said.atom_std] == [8] * 6
    for calibrated, std in zip(said.atom_std, members.atom_std, strict=True):
        np.testing.assert_allclose(calibrated, committee.std_scale * std)


def test_it_learns_energies_and_forces_from_projections(committee):
    energies, forces = labels(NEW)
    said = committee.predict(NEW)
    assert np.abs(said.energy - energies).mean() < 0.1 * energies.std()
    energies_alone = NetworkCommittee.fit(TRAIN, ENERGIES, SETTINGS, functions=FEW).predict(NEW)
    error, without = (np.abs(np.array(p.forces) - forces).mean() for p in (said, energies_alone))
    assert error < 0.35 * np.abs(forces).mean()
    assert error < 0.7 * without


STRAINED = [strained(bulk("Si", cubic=True), strain) for strain in strains([0.01, 0.02])]


def test_with_their_stress_few_strained_crystals_teach_the_elastic_constants():
    crystal, true = bulk("Si", cubic=True), Silicon("stillinger-weber")
    said = ASECalculator(true, {}).predict(STRAINED)
    settings = CommitteeSettings(members=2, hidden=(8, 8), epochs=80, noise_stress=0.1)
    own = elastic(ASECalculator(true, {}), crystal, relaxed=False).matrix
    errors = []
    for stress in (said.stress, None):
        fitted = NetworkCommittee.fit(
            STRAINED, said.energy, settings, said.forces, stress, functions=FEW, seed=1
        )
        errors.append(np.abs(elastic(fitted, crystal, relaxed=False).matrix - own)[:3, :3].mean())
    assert errors[0] < min(20.0, 0.5 * errors[1])


def test_a_stress_that_no_structure_has_changes_nothing(subsampled):
    settings = subsampled.settings.model_copy(update={"epochs": 1})
    nothing = np.full((30, 6), np.nan)
    for stress in (nothing, np.full((30, 6), 1.0)):
        ignored = settings if stress is nothing else settings.model_copy(update={"noise_stress": 0.0})
        one, other = (
            NetworkCommittee.fit(TRAIN, ENERGIES, ignored, FORCES, given, functions=FEW)
            for given in (stress, None)
        )
        np.testing.assert_array_equal(one.predict(NEW).energy, other.predict(NEW).energy)


def test_where_some_have_no_stress_only_the_others_are_held_to_theirs():
    structures = [TRAIN[0], random_clusters("Si3Ge2", 1)[0]]
    energies, forces = np.zeros(2), [np.zeros((8, 3)), np.zeros((5, 3))]
    settings = CommitteeSettings(members=2, hidden=(4,), epochs=1)
    fits = [
        NetworkCommittee.fit(structures, energies, settings, forces, given, functions=FEW).predict(structures)
        for given in (np.zeros((2, 6)), np.array([[0.0] * 6, [np.nan] * 6]), np.ones((2, 6)))
    ]
    np.testing.assert_array_equal(fits[0].energy, fits[1].energy)
    assert not np.allclose(fits[0].energy, fits[2].energy)
    with pytest.raises(StructureError, match=r"six numbers for each of 2 structures, got \(2, 3, 3\)"):
        NetworkCommittee.fit(structures, energies, settings, forces, np.zeros((2, 3, 3)), functions=FEW)


def test_the_spread_is_small_where_there_are_labels_and_grows_away_from_them(committee):
    known = committee.predict(TRAIN).energy_std.mean()
    away = [
        committee.predict(alloys(10, seed=5, rattle=rattle)).energy_std.mean() for rattle in (0.15, 0.3, 0.5)
    ]
    assert known < away[0] < away[1] < away[2]
    assert away[2] > 3 * known


def synthetic(dtype=torch.float64):
    """Two species, 12 structures of 3 to 5 atoms, random inputs."""
    generator = torch.Generator().manual_seed(0)
    n_atoms = torch.randint(3, 6, (12,), generator=generator)
    n = int(n_atoms.sum())

    def random(*shape):
        return torch.randn(*shape, generator=generator, dtype=dtype)

    kinds = torch.randint(0, 2, (n,), generator=generator)
    return TrainingSet(
        random(n, 6), kinds, n_atoms, random(12), random(n, 2, 6), random(12, 2), random(12, 2) ** 2
    )


def test_a_member_trained_in_company_is_the_one_trained_alone():
    data, used = synthetic(), torch.ones(4, 12)
    used[2, :5] = 0
    start = initial_weights(6, 2, SETTINGS, 4, seed=1)
    together = train(data, start, used, SETTINGS, scale=1.0, seed=2, dtype=torch.float64)
    for k in range(4):
        own = tuple(array[:, k : k + 1] for array in start)
        alone = train(data, own, used[k : k + 1], SETTINGS, scale=1.0, seed=2, dtype=torch.float64)
        for ours, all_of_them in zip(alone, together, strict=True):
            np.testing.assert_allclose(ours[:, 0], all_of_them[:, k], atol=1e-9)
    assert not torch.allclose(together[0][:, 0], together[0][:, 1])


def test_the_same_seed_is_the_same_committee_and_another_is_not(subsampled):
    again = NetworkCommittee.fit(TRAIN, ENERGIES, subsampled.settings, FORCES, functions=FEW)
    other = NetworkCommittee.fit(TRAIN, ENERGIES, subsampled.settings, FORCES, functions=FEW, seed=1)
    np.testing.assert_array_equal(again.predict(NEW).energy, subsampled.predict(NEW).energy)
    assert not np.allclose(other.predict(NEW).energy, subsampled.predict(NEW).energy)


def test_with_subsamples_one_more_model_knows_all_labels(subsampled):
    said = subsampled.members(NEW)
    assert said.energy.shape == (4, 6)
    assert said.whole.shape == (6,)
    np.testing.assert_allclose(subsampled.predict(NEW).energy, said.energy.mean(axis=0))
    known = subsampled.members(TRAIN)
    errors = np.abs(np.vstack([known.energy, known.whole]) - ENERGIES).mean(axis=1)
    assert errors[-1] < errors[:-1].mean()


def test_members_may_share_their_part_of_the_labels(monkeypatch):
    seen = {}

    def spy(data, weights, used, settings, *, scale, seed):
        seen["used"] = used.bool().numpy()
        return weights

    monkeypatch.setattr(network_committee, "train", spy)
    settings = SETTINGS.model_copy(update={"members": 6, "subsample": 0.7, "initialisations": 2})
    made = NetworkCommittee.fit(TRAIN, ENERGIES, settings, functions=FEW, seed=5)
    *used, whole = seen["used"]
    assert whole.all()
    assert [row.sum() for row in used] == [21] * 6
    assert [(used[k] == used[k + 1]).all() for k in range(5)] == [True, False, True, False, True]
    energies = made.members(NEW[:1]).energy[:, 0]
    assert len(set(energies.round(6))) == 6  # each from its own start
    NetworkCommittee.fit(TRAIN, ENERGIES, settings, functions=FEW, seed=5)
    assert (seen["used"] == [*used, whole]).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"members": 6, "initialisations": 2}, "initialisations > 1 wants subsample < 1"),
        ({"members": 6, "initialisations": 4, "subsample": 0.8}, "6 members are no whole number of parts"),
    ],
)
def test_parts_that_cannot_be_shared_are_refused(settings, words):
    with pytest.raises(ValidationError, match=words):
        CommitteeSettings(kind="networks", **settings)


def test_energies_from_stored_features_are_those_of_the_structures(subsampled):
    features = np.concatenate(subsampled.acsf.features(NEW))
    kinds = subsampled.acsf.kinds(NEW)
    energies, whole = subsampled.energies_from_features(features, np.full(6, 8), kinds)
    said = subsampled.members(NEW)
    np.testing.assert_allclose(energies, said.energy, atol=1e-3)
    np.testing.assert_allclose(whole, said.whole, atol=1e-3)
    many, _ = subsampled.energies_from_features(
        np.tile(features, (400, 1)), np.full(2400, 8), np.tile(kinds, 400)
    )
    np.testing.assert_allclose(many, np.tile(energies, 400), atol=1e-5)


def test_what_is_saved_is_read_back_whole(subsampled, tmp_path):
    path = tmp_path / "committee.npz"
    subsampled.calibrated(np.full(20, 2.0)).save(path)
    again = NetworkCommittee.load(path)
    assert again.std_scale == pytest.approx(2.0, rel=0.1)
    before, after = subsampled.members(NEW), again.members(NEW)
    np.testing.assert_array_equal(before.energy, after.energy)
    np.testing.assert_array_equal(before.whole, after.whole)
    np.testing.assert_array_equal(before.forces[0], after.forces[0])
    np.testing.assert_allclose(
        again.predict(NEW).energy_std, again.std_scale * subsampled.predict(NEW).energy_std
    )
    path.write_bytes(b"nonsense")
    with pytest.raises(CampaignError, match="not a committee that can be read"):
        NetworkCommittee.load(path)


def test_mean_and_member_are_ase_calculators(committee):
    for potential in (committee, committee.member(0)):
        crystal = NEW[0].copy()
        crystal.calc = PotentialCalculator(potential, "networks")
        said = potential.predict(NEW[:1])
        np.testing.assert_allclose(crystal.get_forces(), said.forces[0])
        np.testing.assert_allclose(crystal.get_stress(), said.stress[0])
        assert ("energy_std" in crystal.calc.results) == (potential is committee)


def test_an_element_without_data_may_be_waited_for():
    settings = SETTINGS.model_copy(update={"epochs": 1})
    ready = NetworkCommittee.fit(TRAIN[:1], ENERGIES[:1], settings, species=["C"], functions=FEW)
    assert np.isfinite(ready.predict([Atoms("C", cell=[5, 5, 5], pbc=True)]).energy).all()
    assert ready.predict([]).energy.shape == (0,)


def test_what_cannot_be_fitted_or_said_is_one_line(committee):
    with pytest.raises(ValidationError, match="greater than or equal to 2"):
        CommitteeSettings(members=1)
    with pytest.raises(StructureError, match="holds C; this descriptor knows only Si, Ge"):
        committee.predict([Atoms("SiC", positions=[[0, 0, 0], [0, 0, 2]])])
    with pytest.raises(StructureError, match="at least one labelled structure"):
        NetworkCommittee.fit([], np.empty(0), SETTINGS)
    with pytest.raises(StructureError, match="energy that is not finite"):
        NetworkCommittee.fit(TRAIN[:2], np.array([1.0, np.nan]), SETTINGS)
    with pytest.raises(StructureError, match="needs a force on each atom"):
        NetworkCommittee.fit(TRAIN[:1], np.zeros(1), SETTINGS, [np.zeros((5, 3))])
