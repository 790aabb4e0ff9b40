"""A tiny real fine-tuning with each package's trainer, from a campaign's labels to a committee."""

import json

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111

from engine import config, registry
from engine.config import CommitteeSettings, DeltaSettings
from engine.fine_tuning.labels import moved
from engine.fine_tuning.mace import train
from engine.fine_tuning.tuning import MANIFEST, Training, Tuning, parts
from engine.loop.pretraining import labels_of
from engine.potentials.correction import recipe
from engine.potentials.file_committee import FileCommittee
from engine.programs import sha256
from tests.support.small_mace import small_mace

pytestmark = pytest.mark.filterwarnings("ignore")  # the trainers' own


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A MACE model of random weights."""
    return str(small_mace(tmp_path_factory.mktemp("base") / "base.model", ["Cu", "Ag"], tiny=True))


def labelled(folder):
    labels = labels_of(folder)
    return [label.structure for label in labels], np.array([label.energy for label in labels]), labels


def force_error(forces, labels):
    return np.abs(np.concatenate(forces) - np.concatenate([label.forces for label in labels])).mean()


def test_labels_become_a_committee_that_campaign_toml_can_name(finished_toy, deltadesk, tmp_path):
    out = tmp_path / "members"
    told = ("--members", 2, "--epochs", 3, "--subsample", 0.75, "--batch", 1)
    code, said, _ = deltadesk("finetune", finished_toy, "--with", "chgnet", "--out", out, *told)
    assert code == 0
    settings = config.parse(said)
    structures, energies, labels = labelled(finished_toy)
    members = recipe(settings, tmp_path).fit(structures, energies, None).members(structures)
    assert np.abs(members.energy[0] - members.energy[1]).max() > 1e-4
    before = registry.make("potentials", "chgnet-0.3.0").predict(structures).forces
    after = [forces.mean(axis=0) for forces in members.forces]
    assert force_error(after, labels) < force_error(before, labels)

    manifest = json.loads((out / MANIFEST).read_text())
    assert (manifest["settings"]["epochs"], manifest["settings"]["base"]) == (3, "chgnet-0.3.0")
    assert [one["seed"] for one in manifest["members"]] == [1, 2]
    for one, file in zip(manifest["members"], settings.committee.files, strict=True):
        assert (one["file"], one["sha256"]) == (file, sha256(out / file))
        assert sorted([*one["learnt"], *one["judged"]]) == [0, 1, 2, 3]
        assert len(one["learnt"]) == 3
    assert set(manifest["offsets_eV"]) == {"Ag", "Cu"}
    left = sorted(path.name for path in out.iterdir() if path.suffix != ".log")
    assert left == ["chgnet-0.pth.tar", "chgnet-1.pth.tar", "manifest.json"]

    again = deltadesk("finetune", finished_toy, "--with", "chgnet", "--out", out)
    assert again[0] == 2
    assert "holds a committee already" in again[2][0]


def test_mace_s_trainer_makes_a_member_that_stands_beside_its_base(base, finished_toy, tmp_path):
    structures, energies, labels = labelled(finished_toy)
    start = registry.make("potentials", "mace", settings={"model": base})
    data, offsets = moved(labels, start)
    counts = np.array([[s.symbols.count("Ag"), s.symbols.count("Cu")] for s in structures])
    np.testing.assert_allclose(data.energies + counts @ [offsets["Ag"], offsets["Cu"]], energies)
    tuning = Tuning("mace", base, members=2, epochs=2, batch=3, learning_rate=0.01)
    every, file = np.arange(4), tmp_path / "mace-0.model"
    (tmp_path / "work").mkdir()
    train(Training(data[every[:3]], data[every[3:]], tuning, 1, tmp_path / "work", file))
    asked = CommitteeSettings(kind="mace", files=(base, str(file)))
    members = FileCommittee.fit(structures, energies, asked, DeltaSettings()).members(structures)
    before, after = ([forces[k] for forces in members.forces] for k in range(2))
    assert force_error(after, labels) < force_error(before, labels)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--with", "mace", "--members", 1), "--members"),
        (("--with", "mace", "--base", "chgnet-0.3.0"), "mace's trainer cannot start from 'chgnet-0.3.0'"),
        (("--with", "chgnet", "--base", "mine.pth.tar"), "give the whole path of a file, or one of chgnet-0"),
        (("--with", "chgnet", "--base", "/nowhere/mine.pth.tar"), "there is no file /nowhere"),
        (("--with", "gap"), "'gap' is not one of 'mace', 'chgnet'"),
        (("--with", "chgnet", "--device", "abacus"), "device = 'abacus' is not here"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(
    arguments, words, finished_toy, deltadesk, tmp_path
):
    code, _, lines = deltadesk("finetune", finished_toy, *arguments, "--out", tmp_path / "out")
    assert code == 2
    assert len(lines) == 1
    assert words in lines[0]
    assert not (tmp_path / "out").exists()


def test_a_folder_without_a_campaign_or_labels_is_one_line(deltadesk, tmp_path):
    assert "holds no campaign.toml" in deltadesk("finetune", tmp_path, "--with", "chgnet")[2][0]


def test_a_trainer_that_fails_is_told_with_its_last_words(
    base, finished_toy, deltadesk, tmp_path, monkeypatch
):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho reading; echo CUDA out of memory\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(broken))
    out = tmp_path / "out"
    code, _, lines = deltadesk("finetune", finished_toy, "--with", "mace", "--base", base, "--out", out)
    assert (code, len(lines)) == (2, 1)
    assert "MACE's trainer failed: CUDA out of memory (what it said:" in lines[0]
    assert "reading" in (out / "mace-0.model.log").read_text()
    assert not list(out.glob(".training-*"))


def test_each_member_learns_another_part_and_is_judged_by_the_rest():
    drawn = [parts(10, 0.8, seed) for seed in range(8)]
    for learnt, judged in drawn:
        assert sorted([*learnt, *judged]) == list(range(10))
        assert (len(learnt), len(judged)) == (8, 2)
    assert len({tuple(learnt) for learnt, _ in drawn}) > 4
    assert [len(part) for part in parts(2, 0.95, 0)] == [1, 1]
    assert [len(part) for part in parts(3, 0.05, 0)] == [1, 2]


def test_a_cluster_is_boxed_so_wide_that_no_image_is_seen_and_a_crystal_stays_as_it_is():
    from engine.fine_tuning.chgnet import boxed

    cluster = Atoms("Ag2", [[0, 0, 0], [2.7, 0, 0]])
    assert boxed(cluster).pbc.all()
    np.testing.assert_allclose(boxed(cluster).cell.lengths(), [10.7, 8.0, 8.0])
    slab = fcc111("Ag", (1, 1, 2), vacuum=1.0)
    np.testing.assert_array_equal(boxed(slab).cell[:2], slab.cell[:2])
    assert boxed(slab).cell[2, 2] == pytest.approx(np.ptp(slab.positions[:, 2]) + 8.0)
    assert cluster.cell.rank == 0
