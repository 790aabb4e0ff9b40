"""What a campaign's settings ask to be fitted, and what is read back."""

import errno
import os

import numpy as np
import pytest

from engine.config import parse
from engine.errors import CampaignError, ConfigError
from engine.potentials.bootstrap_committee import BootstrapCommittee
from engine.potentials.correction import load, recipe
from engine.potentials.network_committee import NetworkCommittee
from engine.potentials.sparse_gpr import SparseGPR
from tests.clusters import random_clusters

STRUCTURES = random_clusters("Ag3S", 6)
ENERGIES = np.random.default_rng(0).normal(-3, 0.3, 6)
KINDS = {
    "none": (SparseGPR, 5, False),
    "bootstrap": (BootstrapCommittee, 2, True),
    "networks": (NetworkCommittee, 2, True),
}


def settings(kind):
    return parse(f'[committee]\nkind = "{kind}"\nmembers = 2\nepochs = 3\n[delta]\ninducing_points = 20\n')


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_fitted_is_what_is_read_back(tmp_path, kind):
    expected, folds, committee = KINDS[kind]
    how = recipe(settings(kind), tmp_path, ("Ag", "S"))
    assert (how.folds, how.committee) == (folds, committee)
    model = how.fit(STRUCTURES, ENERGIES, None).calibrated(np.full(12, 2.0))
    model.save(tmp_path / "m.npz")
    again = load(tmp_path / "m.npz")
    assert type(model) is type(again) is expected
    assert again.std_scale == pytest.approx(2.0)
    assert again.summed_features(STRUCTURES).shape[0] == 6
    before, after = model.predict(STRUCTURES), again.lower_bound(STRUCTURES, 0.0)
    np.testing.assert_allclose(after.energy, before.energy, atol=1e-9)
    np.testing.assert_allclose(after.energy_std, before.energy_std, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_leaves_the_model_that_is_there(tmp_path, monkeypatch, kind):
    model = recipe(settings(kind), tmp_path, ("Ag", "S")).fit(STRUCTURES, ENERGIES, None)
    path = tmp_path / "m.npz"
    model.save(path)
    kept = path.read_bytes()

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        model.calibrated(np.full(12, 2.0)).save(path)
    assert path.read_bytes() == kept
    assert list(tmp_path.glob("*")) == [path]


def test_symmetry_functions_of_ones_own_are_read_in_the_folder(tmp_path):
    (tmp_path / "mine.toml").write_text("r_cut = 5.0\ng2 = [[0.1, 0.0], [1.0, 0.0]]\n")
    asked = parse('[committee]\nkind = "networks"\nepochs = 2\ndescriptors = "mine.toml"\n')
    model = recipe(asked, tmp_path).fit(STRUCTURES, ENERGIES, None)
    assert model.summed_features(STRUCTURES).shape == (6, 4)
    with pytest.raises(ConfigError, match=r"absent\.toml holds no symmetry functions"):
        recipe(parse('[committee]\nkind = "networks"\ndescriptors = "absent.toml"\n'), tmp_path)


def test_what_is_no_model_is_told_in_one_line(tmp_path):
    (tmp_path / "m.npz").write_bytes(b"no zip")
    with pytest.raises(CampaignError, match=r"cannot be read|is not"):
        load(tmp_path / "m.npz")
