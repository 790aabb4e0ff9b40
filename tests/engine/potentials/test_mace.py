"""A small MACE model, made here with random weights, walks the whole path."""

import json
import socket

import numpy as np
import pytest
import torch
from ase import Atoms

from engine import registry
from engine.config import DeltaSettings, PotentialSettings
from engine.errors import ConfigError, StructureError
from engine.potentials.delta import Delta
from engine.potentials.saved import make_base
from engine.potentials.sparse_gpr import SparseGPR
from tests.clusters import random_clusters
from tests.support import toy
from tests.support.small_mace import small_mace

MACE = registry.find("potentials", "mace").load()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return small_mace(tmp_path_factory.mktemp("mace") / "small.model", ["S", "Ag"])


@pytest.fixture(scope="module")
def mace(file):
    return make_base(PotentialSettings(name="mace", settings={"model": str(file)}))


CLUSTERS = random_clusters("Ag8S4", 3) + random_clusters("Ag5", 2)


def test_it_says_what_the_package_s_own_calculator_says(mace, file):
    from mace.calculators import MACECalculator

    before = torch.get_default_dtype()
    calculator = MACECalculator(model_paths=str(file), device="cpu", default_dtype="float64")
    torch.set_default_dtype(before)  # it sets it for the whole process
    said = mace.predict(CLUSTERS)
    for k, structure in enumerate(CLUSTERS):
        atoms = structure.copy()
        atoms.calc = calculator
        assert said.energy[k] == pytest.approx(atoms.get_potential_energy(), abs=1e-9)
        np.testing.assert_allclose(said.forces[k], atoms.get_forces(), atol=1e-9)


def test_a_batch_says_what_each_alone_says_also_with_a_periodic_one_in_it(mace):
    slab = Atoms("Ag2S", [[0, 0, 0], [2.0, 2.0, 0.3], [1.0, 1.2, 1.9]], cell=[4, 4, 12], pbc=[1, 1, 0])
    mixed = [*CLUSTERS, slab]
    together = mace.predict(mixed)
    for k, structure in enumerate(mixed):
        alone = mace.predict([structure])
        assert together.energy[k] == pytest.approx(alone.energy[0], abs=1e-9)
        np.testing.assert_allclose(together.forces[k], alone.forces[0], atol=1e-9)
    assert mace.predict([]).energy.shape == (0,)


def test_the_stress_is_that_of_the_package_s_own_calculator_and_nan_without_a_whole_cell(mace, file):
    from mace.calculators import MACECalculator

    crystal = Atoms("Ag2S", [[0, 0, 0], [2.0, 2.0, 0.3], [1.0, 1.2, 1.9]], cell=[4, 4.2, 4.5], pbc=True)
    said = mace.predict([CLUSTERS[0], crystal]).stress
    crystal.calc = MACECalculator(model_paths=str(file), device="cpu", default_dtype="float64")
    expected = crystal.get_stress()
    assert np.abs(expected).max() > 1e-4
    np.testing.assert_allclose(said[1], expected, atol=1e-9)
    assert np.isnan(said[0]).all()
    assert np.isnan(mace.predict(CLUSTERS[:2]).stress).all()


def test_forces_are_minus_the_gradient_also_with_a_delta_model_on_top(mace):
    clusters = random_clusters("Ag8S4", 6)
    delta = SparseGPR.fit(clusters, np.linspace(-1, 1, 6), DeltaSettings())
    for potential in (mace, Delta(mace, delta)):
        before = clusters[0]
        forces = potential.predict([before]).forces[0]
        for atom, axis in ((0, 0), (7, 1), (11, 2)):
            moved = [before.copy(), before.copy()]
            for sign, structure in zip((1, -1), moved, strict=True):
                structure.positions[atom, axis] += sign * 1e-4
            high, low = potential.predict(moved).energy
            assert forces[atom, axis] == pytest.approx(-(high - low) / 2e-4, abs=1e-5)


def test_single_precision_is_close_to_double(file, mace):
    single = MACE(settings={"model": str(file), "dtype": "float32"}).predict(CLUSTERS)
    double = mace.predict(CLUSTERS)
    np.testing.assert_allclose(single.energy, double.energy, rtol=1e-5)
    assert max(np.abs(a - b).max() for a, b in zip(single.forces, double.forces, strict=True)) < 1e-3
    assert np.abs(single.energy - double.energy).max() > 0


def test_a_campaign_with_it_ends(tmp_path):
    file = small_mace(tmp_path / "small.model", ["Cu", "Ag"])
    folder = toy.make(tmp_path / "toy", budget=3)
    path = folder / "campaign.toml"
    text = path.read_text()
    begin, end = text.index("[potential]"), text.index("[delta]")
    mace = f'[potential]\nname = "mace"\nsettings = {{model = "{file}"}}\n'
    path.write_text(text[:begin] + mace + text[end:])
    done = toy.run(folder, "run", folder, "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["labels"], summary["failures"], summary["model_id"]) == (3, 0, "m-0002")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, r'name = "mace" needs settings'),
        ({"model": "small.model"}, "give the whole path"),
        ({"model": "/nowhere/small.model"}, "there is no file /nowhere/small.model"),
        ({"model": "FILE", "dtype": "half"}, "dtype = 'half': must be float64 or float32"),
        ({"model": "FILE", "device": "abacus"}, "device = 'abacus' is not here"),
        ({"model": "FILE", "head": "left"}, "head = 'left': this model has Default"),
        ({"model": "FILE", "cutoff": 5}, "no setting 'cutoff'; known: model, device, dtype, head"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(file, settings, words):
    chosen = {key: str(file) if value == "FILE" else value for key, value in settings.items()}
    with pytest.raises(ConfigError, match=words) as told:
        MACE(settings=chosen)
    assert "\n" not in str(told.value)


def test_a_file_that_is_no_model_is_told_in_one_line(tmp_path):
    rubbish, other = tmp_path / "rubbish.model", tmp_path / "other.model"
    rubbish.write_bytes(b"not a model at all")
    torch.save({"a": 1}, other)
    for path in (rubbish, other):
        with pytest.raises(ConfigError, match=rf"{path.name}.* (is not|not a MACE model)") as told:
            MACE(settings={"model": str(path)})
        assert "\n" not in str(told.value)


def test_an_element_it_does_not_know_is_named(mace):
    with pytest.raises(StructureError, match="does not know Au, only S, Ag"):
        mace.predict([Atoms("AgAu", [[0, 0, 0], [2.7, 0, 0]])])
    with pytest.raises(StructureError, match="without atoms"):
        mace.predict([Atoms()])
    assert torch.get_default_dtype() is torch.float32  # or CHGNet in the same process fails from here on


def test_without_a_network_a_foundation_model_is_told_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    def nowhere(address, *args, **kwargs):
        raise OSError(f"no route to {address[0]}")

    monkeypatch.setattr(socket, "create_connection", nowhere)
    with pytest.raises(ConfigError, match=r"'small' is not on this machine .*no route to .*: copy its file"):
        make_base(PotentialSettings(name="mace-mp-0-small"))
