"""Fits as the runner orders them, on a campaign's own database."""

from dataclasses import replace

import numpy as np
import pytest

from engine.config import parse
from engine.loop.messages import Fit
from engine.loop.tasks import fit
from engine.math import entropy_bias, gaussian_entropy
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.correction import load
from engine.potentials.sparse_gpr import SparseGPR
from engine.store import Score, Store
from tests.clusters import random_clusters
from tests.support.toy import DEFAULTS, TOML

SETTINGS = parse(TOML.format(**DEFAULTS))
STRUCTURES = random_clusters("Cu3Ag2", 12)
BASE = ASECalculator(SETTINGS.potential.calculator, SETTINGS.potential.settings).predict(STRUCTURES)
LABEL = ASECalculator("ase.calculators.emt:EMT", {}).predict(STRUCTURES)


@pytest.fixture
def labelled(tmp_path):
    """A campaign with 12 labels; returns their ids and the differences that a model learns."""
    store = Store.create(tmp_path)
    with store.transaction(0, 0.0) as rows:
        ids = []
        for i, structure in enumerate(STRUCTURES):
            energy = float(BASE.energy[i])
            facts = {"generator": "toy", "step": 0, "model_id": "m-0000", "parent": None, "flags": ()}
            ids.append(rows.propose(structure, base_energy=energy, features=np.ones(3), **facts))
            rows.score(ids[-1], "m-0000", Score(ids[-1], energy, None, None))
            rows.label(ids[-1], LABEL.energy[i], LABEL.forces[i])
    store.close()
    return tmp_path, tuple(ids)


def order(folder, ids, model_id, n_known):
    new_id = f"m-{int(model_id[2:]) + 1:04d}"
    return Fit(folder, SETTINGS, model_id, new_id, n_known, labels=ids, waiting=ids[:1], probe=ids[:2])


def differences(n):
    forces = [label - base for label, base in zip(LABEL.forces[:n], BASE.forces[:n], strict=True)]
    return STRUCTURES[:n], LABEL.energy[:n] - BASE.energy[:n], SETTINGS.delta, forces


def test_the_first_fit_learns_energies_and_forces_and_is_always_taken(labelled):
    folder, ids = labelled
    found = fit(order(folder, ids[:5], "m-0000", 0))
    model = SparseGPR.load(folder / "models" / "m-0001.npz")
    expected = SparseGPR.fit(*differences(5)).predict(STRUCTURES[5:])
    np.testing.assert_allclose(model.predict(STRUCTURES[5:]).energy, expected.energy, atol=1e-9)
    assert found.accepted
    assert (found.std_scale, len(model.z), len(found.scores), len(found.entropy)) == (1.0, 5, 1, 2)


def test_the_scale_is_measured_from_the_tenth_held_out_label_on(labelled):
    folder, ids = labelled
    fit(order(folder, ids[:5], "m-0000", 0))
    first = SparseGPR.load(folder / "models" / "m-0001.npz")
    found = fit(order(folder, ids[:10], "m-0001", 5))
    assert found.accepted
    second = SparseGPR.load(folder / "models" / "m-0002.npz")
    np.testing.assert_array_equal(second.z[:5], first.z)
    assert found.std_scale == second.std_scale == pytest.approx(np.sqrt(np.mean(second.z**2)))
    scaled = SparseGPR.fit(*differences(10)).predict(STRUCTURES[:1]).energy_std * found.std_scale
    assert found.scores[0].energy_std == pytest.approx(scaled[0], rel=1e-6)


def test_a_model_that_is_worse_on_new_labels_is_not_taken(labelled):
    folder, ids = labelled
    (folder / "models").mkdir()
    SparseGPR.fit(*differences(12)).save(folder / "models" / "m-0007.npz")  # it knows what is asked
    found = fit(order(folder, ids, "m-0007", 2))
    assert not found.accepted
    assert found.mae_held_out > found.mae_new
    assert found.scores == ()
    assert found.entropy.size == 0
    assert not (folder / "models" / "m-0008.npz").exists()


def test_the_same_order_gives_the_same_model(labelled):
    folder, ids = labelled
    path = folder / "models" / "m-0001.npz"
    first = fit(order(folder, ids[:8], "m-0000", 0))
    alpha = SparseGPR.load(path).alpha
    path.unlink()
    again = fit(order(folder, ids[:8], "m-0000", 0))
    np.testing.assert_array_equal(SparseGPR.load(path).alpha, alpha)
    assert (again.mae_new, again.mae_held_out) == (first.mae_new, first.mae_held_out)


def test_a_committee_is_fitted_where_the_settings_ask_for_one(labelled):
    folder, ids = labelled
    asked = (
        TOML.format(**DEFAULTS) + '[committee]\nkind = "networks"\nmembers = 3\nepochs = 5\nsubsample = 0.8\n'
    )
    request = replace(order(folder, ids, "m-0000", 0), settings=parse(asked))
    found = fit(request)
    model = load(folder / "models" / "m-0001.npz")
    said = model.members(STRUCTURES[:2])
    assert (said.energy.shape, said.whole.shape) == ((3, 2), (2,))
    expected = gaussian_entropy(said.energy, request.settings.selection.entropy_target) - entropy_bias(3)
    np.testing.assert_allclose(found.entropy, expected, atol=1e-9)
    assert found.n_members == 3
    assert len(model.z) == 12
    assert found.mae_held_out_atom == pytest.approx(found.mae_held_out / 5)
    again = fit(request)
    np.testing.assert_array_equal(again.entropy, found.entropy)
