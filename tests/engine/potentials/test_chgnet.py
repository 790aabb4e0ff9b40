"""Against the package's own calculator: the same numbers, in batches."""

import numpy as np
import pytest
import torch
from ase import Atoms
from ase.build import bulk, fcc111
from chgnet.model import CHGNet as Network
from chgnet.model.dynamics import CHGNetCalculator

from engine.config import PotentialSettings
from engine.errors import ConfigError, StructureError
from engine.potentials.chgnet import _CHUNK, MODELS, CHGNet
from engine.potentials.saved import make_base
from tests.clusters import random_clusters

pytestmark = pytest.mark.filterwarnings("ignore:Converting a tensor:UserWarning:chgnet")

ENERGY_TOLERANCE = 1e-4  # eV
FORCE_TOLERANCE = 1e-3  # eV/Å, single precision on forces of tens of eV/Å
STRESS_TOLERANCE = 1e-5  # eV/Å³


def calculator(model="0.3.0"):
    return CHGNetCalculator(Network.load(model_name=model, verbose=False, use_device="cpu"), use_device="cpu")


def expected(structure, calculator):
    copy = structure.copy()
    copy.calc = calculator
    return copy.get_potential_energy(), copy.get_forces()


def assert_equal(prediction, structures, calculator):
    for i, structure in enumerate(structures):
        energy, forces = expected(structure, calculator)
        assert prediction.energy[i] == pytest.approx(energy, abs=ENERGY_TOLERANCE)
        np.testing.assert_allclose(prediction.forces[i], forces, atol=FORCE_TOLERANCE)


@pytest.mark.parametrize("model", MODELS)
def test_clusters_agree_with_the_packages_calculator(model):
    clusters = random_clusters("Ag8S4", 2) + random_clusters("Ag12S6", 1)
    assert_equal(CHGNet(model).predict(clusters), clusters, calculator(model))


@pytest.mark.parametrize("model", MODELS)
def test_dimers_without_an_angle_agree_beside_clusters_with_many(model):
    dimers = [Atoms("AgS", positions=[[5, 5, 5], [5, 5, 5 + d]], cell=[20] * 3) for d in (2.4, 2.99, 3.5)]
    structures = [*dimers, random_clusters("Ag4S2", 1)[0]]
    assert_equal(CHGNet(model).predict(structures), structures, calculator(model))


def test_periodic_structures_agree_with_the_packages_calculator(chgnet):
    rock_salt = bulk("AgS", "rocksalt", a=5.0)  # atoms bonded to their own images
    rock_salt.rattle(0.05, seed=1)
    slab = fcc111("Ag", (1, 1, 2), vacuum=8.0)  # open along z
    skewed = bulk("Ag") * (2, 1, 1)
    skewed.rattle(0.1, seed=2)
    structures = [rock_salt, slab, skewed]
    prediction = chgnet.predict(structures)
    assert_equal(prediction, structures, calculator())
    for k in (0, 2):
        copy = structures[k].copy()
        copy.calc = calculator()
        stress = copy.get_stress()
        assert np.abs(stress).max() > 0.01
        np.testing.assert_allclose(prediction.stress[k], stress, atol=STRESS_TOLERANCE)
    assert np.isnan(prediction.stress[1]).all()


def test_a_batch_is_its_structures_one_by_one(chgnet):
    structures = [*random_clusters("Ag8S4", 3), *random_clusters("Ag12S6", 28), bulk("Ag"), Atoms("Ag")]
    assert sum(len(structure) for structure in structures) > _CHUNK
    batch = chgnet.predict(structures)
    assert [len(forces) for forces in batch.forces] == [len(structure) for structure in structures]
    for i, structure in enumerate(structures):
        alone = chgnet.predict([structure])
        assert batch.energy[i] == pytest.approx(alone.energy[0], abs=ENERGY_TOLERANCE)
        np.testing.assert_allclose(batch.forces[i], alone.forces[0], atol=FORCE_TOLERANCE)


def test_the_box_of_a_cluster_does_not_count(chgnet):
    cluster = random_clusters("Ag4S2", 1)[0]
    bare = Atoms(cluster.symbols, positions=cluster.positions)
    tight = cluster.copy()
    tight.cell = [3, 3, 3]
    energies = chgnet.predict([cluster, bare, tight]).energy
    np.testing.assert_allclose(energies, energies[0], atol=ENERGY_TOLERANCE)


def test_atoms_out_of_reach_feel_nothing_and_add_up(chgnet):
    atom = Atoms("Ag", positions=[[0, 0, 0]])
    pair = Atoms("AgS", positions=[[0, 0, 0], [0, 0, 9]])
    prediction = chgnet.predict([atom, Atoms("S", positions=[[1, 1, 1]]), pair])
    assert prediction.energy[2] == pytest.approx(prediction.energy[:2].sum(), abs=ENERGY_TOLERANCE)
    np.testing.assert_array_equal(prediction.forces[2], 0)


def test_structures_stay_untouched(chgnet):
    cluster = random_clusters("Ag4S2", 1)[0]
    before = cluster.copy()
    chgnet.predict([cluster])
    assert cluster == before
    assert cluster.calc is None


def test_nothing_in_nothing_out(chgnet):
    prediction = chgnet.predict([])
    assert prediction.energy.shape == (0,)
    assert prediction.forces == ()


def test_what_it_cannot_do_is_said_in_one_line(chgnet):
    with pytest.raises(ConfigError, match=r"no model '0\.4\.0'; known: 0\.2\.0, 0\.3\.0, r2scan"):
        CHGNet("0.4.0")
    with pytest.raises(StructureError, match="H to Pu, not those of Am2"):
        chgnet.predict([Atoms("Am2", positions=[[0, 0, 0], [0, 0, 3]])])
    with pytest.raises(StructureError, match="without atoms"):
        chgnet.predict([Atoms()])


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """What chgnet's trainer leaves, of the model 0.2.0, whose layers have biases that 0.3.0 lacks."""
    path = tmp_path_factory.mktemp("chgnet") / "best.pth.tar"
    network = Network.load(model_name="0.2.0", verbose=False, use_device="cpu")
    torch.save({"model": network.as_dict(), "training_history": {"e": {"val": [0.1]}}}, path)
    return path


def test_a_model_in_a_file_is_the_one_that_was_saved(file):
    clusters = random_clusters("Ag8S4", 2)
    said = make_base(PotentialSettings(name="chgnet", settings={"model": str(file)})).predict(clusters)
    named = CHGNet("0.2.0").predict(clusters)
    np.testing.assert_array_equal(said.energy, named.energy)


class Runs:
    def __reduce__(self):
        return print, ("ran",)


def test_nothing_in_a_file_is_run_and_one_that_cannot_be_used_is_told_in_one_line(tmp_path, file, capfd):
    rubbish, program, other = (tmp_path / name for name in ("rubbish", "program", "other"))
    rubbish.write_bytes(b"not a model at all")
    torch.save({"model": Runs()}, program)
    state = torch.load(file, weights_only=True)
    state["model"]["model_args"]["non_linearity"] = "tanh"
    torch.save(state, other)
    wrong = {rubbish: "not a CHGNet model", program: "not a CHGNet model", other: "non_linearity = tanh"}
    for path, words in wrong.items():
        with pytest.raises(ConfigError, match=f"{path.name}.*{words}"):
            CHGNet(settings={"model": str(path)})
    assert "ran" not in capfd.readouterr().out
    with pytest.raises(ConfigError, match='name = "chgnet" needs settings'):
        CHGNet(None)
    with pytest.raises(ConfigError, match="no setting 'device'; known: model"):
        CHGNet(settings={"device": "cuda"})
    with pytest.raises(ConfigError, match=r"'best\.pth\.tar': give the whole path"):
        CHGNet(settings={"model": "best.pth.tar"})


def test_loading_a_model_prints_nothing(capfd):
    from engine.potentials import chgnet as module

    module._load.__wrapped__("0.3.0")
    assert capfd.readouterr().out == ""
