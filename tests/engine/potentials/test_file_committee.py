"""Universal potentials in files as a committee: the packages' own numbers, moved to the labels' zero."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from ase.build import bulk
from chgnet.model import CHGNet as Network

from engine import campaigns
from engine.config import CommitteeSettings, DeltaSettings, PotentialSettings, parse, refuse_code
from engine.errors import CampaignError, ConfigError, NotAllowedError, StructureError
from engine.potentials import saved
from engine.potentials.calculator import PotentialCalculator
from engine.potentials.chgnet import CHGNet
from engine.potentials.correction import load, recipe
from engine.potentials.file_committee import FileCommittee
from engine.potentials.remembered import Remembered
from engine.programs import programs
from engine.protocols import Prediction
from tests.clusters import random_clusters
from tests.support.small_mace import small_mace

DELTA = DeltaSettings(r_cut=4.0, n_max=2, l_max=1)
TRAIN, NEW = [*random_clusters("Ag4S2", 4), *random_clusters("Ag3S", 2)], random_clusters("Ag4S2", 2, seed=1)
ENERGIES = np.random.default_rng(0).normal(-20.0, 1.0, 6)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Three MACE models of random weights."""
    folder = tmp_path_factory.mktemp("members")
    return tuple(str(small_mace(folder / f"{seed}.model", ["S", "Ag"], seed)) for seed in range(3))


@pytest.fixture(scope="module")
def committee(files):
    return FileCommittee.fit(TRAIN, ENERGIES, CommitteeSettings(kind="mace", files=files), DELTA)


def of_the_package(file, structures):
    from mace.calculators import MACECalculator

    calculator = MACECalculator(model_paths=file, device="cpu", default_dtype="float64")
    said = []
    for structure in structures:
        atoms = structure.copy()
        atoms.calc = calculator
        said.append((atoms.get_potential_energy(), atoms.get_forces()))
    return np.array([energy for energy, _ in said]), [forces for _, forces in said]


def test_a_member_is_the_packages_model_with_its_zero_moved_by_least_squares(committee, files):
    counts = np.array([[4, 2]] * 4 + [[3, 1]] * 2)
    said = committee.members(NEW)
    for k, file in enumerate(files):
        missing = ENERGIES - of_the_package(file, TRAIN)[0]
        offsets = np.linalg.lstsq(counts, missing, rcond=None)[0]
        energy, forces = of_the_package(file, NEW)
        np.testing.assert_allclose(said.energy[k], energy + [4, 2] @ offsets, atol=1e-8)
        np.testing.assert_allclose(said.forces[1][k], forces[1], atol=1e-8)
        alone = committee.member(k)
        np.testing.assert_allclose(alone.predict(NEW).energy, said.energy[k])
        assert alone.local_energies(NEW)[1].sum() == pytest.approx(said.energy[k, 1])


def test_as_an_ase_calculator_it_is_the_mean_and_says_its_spread(committee):
    members = committee.members(NEW)
    atoms = NEW[0].copy()
    atoms.calc = PotentialCalculator(committee.calibrated(np.full(10, 2.0)), "MACE")
    assert atoms.get_potential_energy() == pytest.approx(members.energy[:, 0].mean())
    np.testing.assert_allclose(atoms.get_forces(), members.forces[0].mean(axis=0))
    assert atoms.calc.results["energy_std"] == pytest.approx(2 * members.energy[:, 0].std(ddof=1))
    assert atoms.calc.results["atom_std"].shape == (6,)


def test_forces_of_the_bound_are_its_derivatives(committee):
    step, moved = 1e-4, []
    for flat in (0, 7, 17):
        for sign in (1, -1):
            moved.append(NEW[0].copy())
            moved[-1].positions.flat[flat] += sign * step
    energy = committee.lower_bound(moved, 1.5).energy
    forces = committee.lower_bound(NEW[:1], 1.5).forces[0].ravel()[[0, 7, 17]]
    np.testing.assert_allclose(forces, -(energy[::2] - energy[1::2]) / (2 * step), atol=1e-5)


def test_members_of_chgnet_are_its_models_and_give_the_stress_of_a_crystal(tmp_path):
    names, files = ("0.2.0", "0.3.0"), []
    for name in names:
        files.append(str(tmp_path / f"{name}.pth.tar"))
        network = Network.load(model_name=name, verbose=False, use_device="cpu")
        torch.save({"model": network.as_dict()}, files[-1])
    crystals = [bulk("Si", cubic=True), bulk("Si", a=5.3, cubic=True)]
    settings = CommitteeSettings(kind="chgnet", files=tuple(files))
    said = FileCommittee.fit(crystals[:1], np.array([-40.0]), settings, DELTA).members(crystals)
    for k, name in enumerate(names):
        alone = CHGNet(name).predict(crystals)
        assert said.energy[k, 0] == pytest.approx(-40.0)
        assert np.diff(said.energy[k]) == pytest.approx(np.diff(alone.energy), abs=1e-4)
        np.testing.assert_allclose(said.stress[k], alone.stress, atol=1e-6)
    assert np.abs(said.stress[0] - said.stress[1]).max() > 1e-4


def test_what_is_saved_is_read_back_unless_a_file_has_changed(committee, files, tmp_path):
    path = tmp_path / "m-0003.npz"
    committee.calibrated(np.full(12, 2.0)).save(path)
    again = load(path)
    assert isinstance(again, FileCommittee)
    np.testing.assert_array_equal(again.members(NEW).energy, committee.members(NEW).energy)
    np.testing.assert_array_equal(again.summed_features(NEW), committee.summed_features(NEW))
    assert again.std_scale == pytest.approx(2.0)
    copies = [tmp_path / f"{k}.model" for k in range(2)]
    for copy, file in zip(copies, files, strict=False):
        copy.write_bytes(Path(file).read_bytes())
    moved = CommitteeSettings(kind="mace", files=tuple(map(str, copies)))
    FileCommittee.fit(TRAIN, ENERGIES, moved, DELTA).save(path)
    small_mace(copies[1], ["S", "Ag"], seed=9)
    os.utime(copies[1], ns=(1, 1))
    with pytest.raises(CampaignError, match=r"1\.model has changed since m-0003 was fitted"):
        load(path)
    path.write_bytes(b"no zip")
    with pytest.raises(CampaignError, match="not a committee that can be read"):
        FileCommittee.load(path)


def test_a_potential_that_names_such_files_is_opened_by_who_trusts_it(committee, tmp_path):
    path = tmp_path / "m-0001.npz"
    committee.save(path)
    label = saved.Label(
        campaign="x", model_id="m-0001", fitted=True, base=PotentialSettings(name="none"), reference={}
    )
    packed = tmp_path / "packed.npz"
    packed.write_bytes(saved.pack(label, path))
    with pytest.raises(ConfigError, match="models in other files of this machine, which can run code"):
        saved.load(packed)
    said = saved.load(packed, trust=True).potential.predict(NEW)
    np.testing.assert_allclose(said.energy, committee.predict(NEW).energy)


class Counted:
    def __init__(self):
        self.asked = []

    def predict_local(self, structures):
        self.asked.append(len(structures))
        zeros = tuple(np.zeros((len(s), 3)) for s in structures)
        energy = np.array([s.positions.sum() for s in structures])
        return Prediction(energy, zeros), tuple(np.zeros(len(s)) for s in structures)


def test_nothing_is_asked_twice_until_it_is_forgotten():
    counted = Counted()
    remembered = Remembered(counted, most_atoms=12)
    first, second, third = random_clusters("Ag4S2", 3)
    for structures in ([first, second, first], [second, first], [], [third], [second]):
        said = remembered.said(structures)
        assert [one.energy for one in said] == [s.positions.sum() for s in structures]
    assert counted.asked == [2, 1, 1]  # the third came in the place of the second


def asked(kind, files, potential="none", more=""):
    names = ", ".join(f'"{name}"' for name in files)
    return f'[potential]\nname = "{potential}"\n[committee]\nkind = "{kind}"\nfiles = [{names}]\n{more}'


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        (asked("mace", ["/a"]), "at least two"),
        (asked("chgnet", ["/a", "/a"]), "one is listed twice"),
        (asked("mace", ["/a", "b.model"]), r"'b\.model': give the whole path"),
        (
            asked("networks", ["/a", "/b"]),
            'files are members of kind = "mace" or "chgnet", not of \'networks\'',
        ),
        (asked("mace", ["/a", "/b"], "chgnet-0.3.0"), r"say the whole energy: set \[potential\] name"),
    ],
)
def test_what_campaign_toml_cannot_ask_for_is_one_line(toml, words):
    with pytest.raises(ConfigError, match=words):
        parse(toml)


def test_files_are_shown_with_their_hashes_and_a_page_may_not_name_any(files, tmp_path):
    settings = parse(asked("mace", files))
    shown = programs(settings)
    assert [(one.setting, one.name) for one in shown] == [("committee.files", name) for name in files]
    assert shown[0].sha256 == hashlib.sha256(Path(files[0]).read_bytes()).hexdigest()
    with pytest.raises(NotAllowedError, match=r"committee\.files can name a program or a file that runs"):
        refuse_code({"committee": {"kind": "mace", "files": ["/tmp/a.model", "/tmp/b.model"]}})
    refuse_code({"committee": {"files": ()}})
    with pytest.raises(ConfigError, match=r"committee\.files: there is no file /nowhere/b\.model"):
        campaigns.preflight(tmp_path, parse(asked("mace", [files[0], "/nowhere/b.model"])))


def test_the_recipe_learns_no_forces_and_what_cannot_be_fitted_is_one_line(files, tmp_path):
    how = recipe(parse(asked("mace", files)), tmp_path, ("Ag",))
    assert (how.forces, how.folds, how.committee) == (False, 2, True)
    assert how.fit(TRAIN, ENERGIES, None).n_members == 3
    with pytest.raises(StructureError, match="at least one labelled structure"):
        how.fit([], np.empty(0), None)
    with pytest.raises(StructureError, match="not finite"):
        how.fit(TRAIN[:1], np.array([np.nan]), None)
    with pytest.raises(StructureError, match="does not know Si"):
        how.fit([bulk("Si")], np.array([1.0]), None)
