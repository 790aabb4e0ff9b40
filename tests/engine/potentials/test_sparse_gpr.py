"""Against Gaussian-process regression written independently, and what the model promises."""

from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from scipy.spatial.distance import cdist

from engine.config import DeltaSettings
from engine.descriptors import SOAP
from engine.errors import CampaignError, StructureError
from engine.potentials.sparse_gpr import SparseGPR
from tests.clusters import random_clusters

ALL = DeltaSettings(forces=True)  # 500 inducing points: more than there are atoms
TRAIN = random_clusters("Ag4S2", 12)
NEW = random_clusters("Ag4S2", 6, seed=1)


def targets(structures, seed=0):
    """A difference of energies with a smooth part and noise (eV)."""
    rng = np.random.default_rng(seed)
    spread = [structure.positions.std() for structure in structures]
    return np.array(spread) + 0.05 * rng.standard_normal(len(structures)) - 3.0


def features(structures):
    soap = SOAP(ALL, ("Ag", "S"))
    return [soap.features(structure) for structure in structures]


def kernel(a, b, settings=ALL):
    return settings.amplitude * np.exp(-(cdist(a, b) ** 2) / (2 * settings.length_scale**2))


def between(first, second):
    """Kernel of structures: the sum over all pairs of their atoms."""
    return np.array([[kernel(x, z).sum() for z in second] for x in first])


@pytest.fixture(scope="module")
def model():
    return SparseGPR.fit(TRAIN, targets(TRAIN), ALL)


def test_with_every_atom_inducing_it_is_the_exact_gaussian_process(model):
    x, new = features(TRAIN), features(NEW)
    y = targets(TRAIN)
    covariance = between(x, x) + 0.01**2 * 6 * np.eye(len(x))
    cross = between(new, x)
    energy = y.mean() + cross @ np.linalg.solve(covariance, y - y.mean())
    prior = np.array([kernel(z, z).sum() for z in new])
    var = prior - np.einsum("ns,ns->n", cross, np.linalg.solve(covariance, cross.T).T)
    local = [np.array([kernel(atom[None], z).sum() for z in x]) for atom in new[0]]
    atom_var = [1 - row @ np.linalg.solve(covariance, row) for row in local]
    prediction = model.predict(NEW)
    np.testing.assert_allclose(prediction.energy, energy, atol=1e-6)
    np.testing.assert_allclose(prediction.energy_std**2, var, atol=1e-6)
    np.testing.assert_allclose(prediction.atom_std[0] ** 2, atom_var, atol=1e-6)


def test_few_inducing_points_solve_the_published_equations():
    settings = DeltaSettings(inducing_points=20, length_scale=5.0)
    model = SparseGPR.fit(TRAIN, targets(TRAIN), settings)
    points = model.inducing
    assert points.shape == (20, 63)
    y = targets(TRAIN) - targets(TRAIN).mean()
    summed = np.array([kernel(x, points, settings).sum(axis=0) for x in features(TRAIN)])
    weight = 1 / (0.01**2 * 6)
    matrix = kernel(points, points, settings) + weight * summed.T @ summed
    alpha = np.linalg.solve(matrix, weight * summed.T @ y)
    expected = [kernel(x, points, settings).sum(axis=0) @ alpha for x in features(NEW)]
    np.testing.assert_allclose(model.predict(NEW).energy - targets(TRAIN).mean(), expected, atol=1e-7)


def test_offsets_of_several_stoichiometries_are_least_squares():
    structures = TRAIN[:4] + random_clusters("Ag2S2", 3) + random_clusters("Ag5S", 3)
    counts = np.array([[4, 2]] * 4 + [[2, 2]] * 3 + [[5, 1]] * 3)
    y = counts @ [-2.7, -4.1] + 0.01 * np.random.default_rng(0).standard_normal(10)
    model = SparseGPR.fit(structures, y, ALL)
    np.testing.assert_allclose(model.offsets, np.linalg.inv(counts.T @ counts) @ counts.T @ y)
    assert np.abs(model.targets).max() < 0.05


def test_far_from_the_data_it_returns_the_mean_with_the_prior_uncertainty():
    settings = DeltaSettings(length_scale=0.5)
    model = SparseGPR.fit(TRAIN, targets(TRAIN), settings)
    stretched = TRAIN[0].copy()
    stretched.positions *= 1.5
    prediction = model.predict([stretched])
    assert prediction.energy[0] == pytest.approx(targets(TRAIN).mean(), abs=1e-3)
    np.testing.assert_allclose(prediction.atom_std[0], 1.0, atol=1e-3)


def test_labelled_structures_are_nearly_certain(model):
    assert model.predict(TRAIN).energy_std.max() < 0.5 * model.predict(NEW).energy_std.min()


def smooth_delta(structures):
    """Energies and forces of a soft pair potential between all atoms: a Δ that SOAP can learn."""
    energies, forces = [], []
    for structure in structures:
        apart = structure.positions[:, None] - structure.positions
        squares = (apart**2).sum(axis=2) + 9 * np.eye(len(structure))
        pairs = np.exp(-squares / 9) * (1 - np.eye(len(structure)))
        energies.append(0.5 * pairs.sum())
        forces.append((pairs[:, :, None] * apart * 2 / 9).sum(axis=1))
    return np.array(energies), forces


def dense_with_forces(settings, points, training, new):
    """[K_mm + K_smᵀ S⁻¹ K_sm] α = K_smᵀ S⁻¹ y, force rows by central differences; (E, σ²) of new.

    Only kernel and descriptor are shared with the model.
    """
    soap = SOAP(settings, ("Ag", "S"))
    structures, energies, forces = training

    def summed(structure):
        return kernel(soap.features(structure), points, settings).sum(axis=0)

    rows, right, noise = [], [], []
    for structure, energy, force in zip(structures, energies - energies.mean(), forces, strict=True):
        rows.append(summed(structure))
        right.append(energy)
        noise.append(settings.noise_energy**2 * len(structure))
        for flat in range(3 * len(structure)):
            plus, minus = structure.copy(), structure.copy()
            plus.positions.flat[flat] += 1e-4
            minus.positions.flat[flat] -= 1e-4
            rows.append(-(summed(plus) - summed(minus)) / 2e-4)
            right.append(force.flat[flat])
            noise.append(settings.noise_force**2)
    k_sm, k_mm, weight = np.array(rows), kernel(points, points, settings), 1 / np.array(noise)
    matrix = k_mm + (k_sm.T * weight) @ k_sm
    cross = np.array([summed(structure) for structure in new])
    prior = np.array([kernel(x, x, settings).sum() for x in map(soap.features, new)])
    mean = energies.mean() + cross @ np.linalg.solve(matrix, (k_sm.T * weight) @ right)
    unexplained = prior - np.einsum("nm,nm->n", cross, np.linalg.solve(k_mm, cross.T).T)
    return mean, unexplained + np.einsum("nm,nm->n", cross, np.linalg.solve(matrix, cross.T).T)


def test_forces_stand_in_the_same_equations_as_energies():
    settings = DeltaSettings(inducing_points=25, length_scale=20.0, forces=True)
    energies, forces = smooth_delta(TRAIN)
    model = SparseGPR.fit(TRAIN, energies, settings, forces)
    mean, var = dense_with_forces(settings, model.inducing, (TRAIN, energies, forces), NEW)
    prediction = model.predict(NEW)
    np.testing.assert_allclose(prediction.energy, mean, atol=1e-6)
    np.testing.assert_allclose(prediction.energy_std**2, var, atol=1e-6)


def test_one_atoms_uncertainty_sees_the_forces_too():
    energies, forces = smooth_delta(TRAIN)
    atom = Atoms("Ag")
    with_forces = SparseGPR.fit(TRAIN, energies, ALL, forces).predict([atom, *NEW])
    without = SparseGPR.fit(TRAIN, energies, ALL).predict([atom, *NEW])
    np.testing.assert_allclose(with_forces.atom_std[0], with_forces.energy_std[0], rtol=1e-9)
    for known, unknown in zip(with_forces.atom_std, without.atom_std, strict=True):
        assert (known < unknown).all()


def test_forces_as_data_pay():
    structures = random_clusters("Ag12S6", 30)
    energies, forces = smooth_delta(structures)
    errors = {}
    for used in (True, False):
        settings = DeltaSettings(forces=used, length_scale=160.0)
        model = SparseGPR.fit(structures[:15], energies[:15], settings, forces[:15])
        prediction = model.predict(structures[15:])
        force_errors = np.concatenate(prediction.forces) - np.concatenate(forces[15:])
        errors[used] = np.abs(prediction.energy - energies[15:]).mean(), np.abs(force_errors).mean()
    assert errors[True][0] < 0.7 * errors[False][0]
    assert errors[True][1] < 0.5 * errors[False][1]


def test_no_forces_is_what_the_settings_may_ask_for():
    energies, forces = smooth_delta(TRAIN)
    left_out = SparseGPR.fit(TRAIN, energies, DeltaSettings(forces=False), forces).predict(NEW)
    not_given = SparseGPR.fit(TRAIN, energies, ALL).predict(NEW)
    np.testing.assert_array_equal(left_out.energy, not_given.energy)


def test_adding_structures_is_a_full_fit_with_the_same_inducing_points():
    settings = DeltaSettings(inducing_points=30, forces=True)
    structures = [*TRAIN[:5], *random_clusters("Ag5S", 3), *TRAIN[5:]]
    energies, forces = smooth_delta(structures)
    energies -= 2.0 * np.array([len(structure) for structure in structures])
    first = SparseGPR.fit(structures[:8], energies[:8], settings, forces[:8])
    grown = first
    for k in range(8, 15):
        grown = grown.add(structures[k : k + 1], energies[k : k + 1], forces[k : k + 1])
    nothing = {name: np.zeros_like(getattr(first, name)) for name in ("normal", "force_right")}
    nothing |= {name: getattr(first, name)[:0] for name in ("phi", "energies", "counts")}
    full = replace(first, **nothing).add(structures, energies, forces)
    np.testing.assert_array_equal(grown.inducing, first.inducing)
    np.testing.assert_allclose(grown.offsets, full.offsets, atol=1e-10)
    a, b, before = grown.predict(NEW), full.predict(NEW), first.predict(NEW)
    np.testing.assert_allclose(a.energy, b.energy, atol=1e-8)
    np.testing.assert_allclose(a.energy_std, b.energy_std, atol=1e-8)
    np.testing.assert_allclose(a.forces[0], b.forces[0], atol=1e-8)
    assert np.abs(a.energy - before.energy).max() > 1e-3
    assert (a.energy_std < before.energy_std).all()
    np.testing.assert_allclose(grown.ensemble(NEW, 0), full.ensemble(NEW, 0), atol=1e-8)
    assert first.add([], np.empty(0)) is first


@pytest.mark.parametrize("inducing", ["cur", "farthest-point"])
def test_inducing_points_are_environments_of_the_training_set(inducing):
    energies, forces = smooth_delta(TRAIN)
    model = SparseGPR.fit(
        TRAIN, energies, DeltaSettings(inducing_points=30, inducing=inducing, forces=True), forces
    )
    assert model.inducing.shape == (30, 63)
    assert cdist(model.inducing, np.concatenate(features(TRAIN))).min(axis=1).max() == 0


def test_a_measured_scale_stretches_every_standard_deviation_and_nothing_else(model, tmp_path):
    scaled = model.calibrated(np.full(12, 0.25))
    assert (model.std_scale, scaled.std_scale) == (1.0, 0.25)
    before, after = model.predict(NEW), scaled.predict(NEW)
    np.testing.assert_array_equal(after.energy, before.energy)
    np.testing.assert_allclose(after.energy_std, 0.25 * before.energy_std)
    np.testing.assert_allclose(after.atom_std[2], 0.25 * before.atom_std[2])
    scaled.save(tmp_path / "model.npz")
    assert SparseGPR.load(tmp_path / "model.npz").std_scale == 0.25
    assert scaled.add(NEW, targets(NEW)).std_scale == 0.25


def test_duplicates_and_near_duplicates_do_not_break_the_fit():
    structures = [TRAIN[0].copy() for _ in range(8)]
    for structure in structures[4:]:
        structure.rattle(1e-7, rng=np.random.default_rng(0))
    model = SparseGPR.fit(structures, np.linspace(-1.0, -0.9, 8), ALL)
    assert len(model.inducing) <= 12
    prediction = model.predict(structures)
    np.testing.assert_allclose(prediction.energy, -0.95, atol=1e-3)
    assert np.isfinite(prediction.energy_std).all()


def test_a_batch_is_its_structures_one_by_one(model):
    mixed = [*NEW[:3], Atoms("S"), random_clusters("Ag8S4", 1)[0]]
    batch = model.predict(mixed)
    for i, structure in enumerate(mixed):
        alone = model.predict([structure])
        np.testing.assert_allclose(batch.energy[i], alone.energy[0], atol=1e-9)
        np.testing.assert_allclose(batch.forces[i], alone.forces[0], atol=1e-8)
        np.testing.assert_allclose(batch.energy_std[i], alone.energy_std[0], atol=1e-6)
        np.testing.assert_allclose(batch.atom_std[i], alone.atom_std[0], atol=1e-6)


def test_nothing_in_nothing_out(model):
    prediction = model.predict([])
    assert prediction.energy.shape == prediction.energy_std.shape == (0,)
    assert model.ensemble([], 0).shape == (10, 0)


def test_ensemble_scatters_about_the_model_as_the_noise_says(model):
    members = model.ensemble(NEW, np.random.default_rng(3), members=400)
    assert members.shape == (400, 6)
    x, new = features(TRAIN), features(NEW)
    response = np.linalg.solve(between(x, x) + 0.01**2 * 6 * np.eye(12), between(x, new))
    covariance = response.T @ (0.01 * 6 * np.eye(12) + 1e-4 * 36 * np.ones((12, 12))) @ response
    std = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(members.std(axis=0, ddof=1), std, rtol=0.15)
    assert (np.abs(members.mean(axis=0) - model.predict(NEW).energy) < 4 * std / np.sqrt(400)).all()


def test_same_seed_same_ensemble(model):
    first = model.ensemble(NEW, 5)
    np.testing.assert_array_equal(first, model.ensemble(NEW, np.random.default_rng(5)))
    assert first.shape == (10, 6)
    assert (first != model.ensemble(NEW, 6)).all()


def test_a_saved_model_comes_back_to_the_last_bit(model, tmp_path):
    path = tmp_path / "model"  # no suffix is added
    model.save(path)
    again = SparseGPR.load(path)
    assert again.soap == model.soap
    before, after = model.predict(NEW), again.predict(NEW)
    np.testing.assert_array_equal(before.energy, after.energy)
    np.testing.assert_array_equal(before.energy_std, after.energy_std)
    for old, new in zip(before.forces, after.forces, strict=True):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(model.ensemble(NEW, 1), again.ensemble(NEW, 1))


def test_a_pickle_is_never_run(tmp_path):
    path = tmp_path / "model.npz"
    np.savez(path, settings=np.array({"a": 1}, dtype=object), species=np.array(["Ag"]))
    with pytest.raises(CampaignError, match="not a Δ-model that can be read"):
        SparseGPR.load(path)


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_broken_file_is_said(tmp_path, content):
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    with pytest.raises(CampaignError, match="not a Δ-model that can be read"):
        SparseGPR.load(path)


def test_an_unknown_species_is_said(model):
    with pytest.raises(StructureError, match="Cu2 holds Cu"):
        model.predict([Atoms("Cu2", positions=[[0, 0, 0], [0, 0, 2.5]])])


def test_what_cannot_be_fitted_is_said():
    with pytest.raises(StructureError, match="at least one labelled structure"):
        SparseGPR.fit([], np.empty(0), ALL)
    with pytest.raises(StructureError, match="energy that is not finite"):
        SparseGPR.fit(TRAIN[:2], np.array([1.0, np.nan]), ALL)
    broken = np.full((6, 3), np.inf)
    with pytest.raises(StructureError, match="force that is not finite"):
        SparseGPR.fit(TRAIN[:1], np.zeros(1), ALL, [broken])
    with pytest.raises(StructureError, match="needs a force on each atom"):
        SparseGPR.fit(TRAIN[:1], np.zeros(1), ALL, [np.zeros((5, 3))])
