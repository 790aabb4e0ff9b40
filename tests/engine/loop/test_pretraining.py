"""Labels from outside: copied in whole before a campaign begins, of one reference or none."""

import json
import shutil
import signal

import ase.io
import numpy as np
import pytest

import engine
from engine import config
from engine.config import CommitteeSettings, DeltaSettings
from engine.core import CampaignStarted, CandidateSelected, LabelsImported, ModelRefitted
from engine.errors import CampaignError, ConfigError, DeltadeskError
from engine.export import export
from engine.loop.messages import Fit
from engine.loop.pretraining import gather
from engine.loop.tasks import fit
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.sparse_gpr import SparseGPR
from engine.store import Imported, Store
from tests.clusters import random_clusters
from tests.support import history, toy


def pretrained(folder, source, *, mix=False, text="", **changes):
    """A toy campaign that is given labels."""
    toy.make(folder, **{"budget": 2, **changes})
    table = f"{text}\n[[pretraining]]\nsource = {json.dumps(str(source))}\nmix = {json.dumps(mix)}\n"
    with (folder / "campaign.toml").open("a") as file:
        file.write(table)
    return folder


@pytest.fixture(scope="module")
def labels(finished, tmp_path_factory):
    """The finished campaign's labels as a file, with and without where they came from."""
    folder = tmp_path_factory.mktemp("labels")
    export(finished, "extxyz", folder / "told.xyz")
    plain = ase.io.read(folder / "told.xyz", ":")
    for atoms in plain:
        atoms.info.clear()
    ase.io.write(folder / "untold.xyz", plain)
    return folder


@pytest.fixture(scope="module")
def ended(labels, tmp_path_factory):
    """A campaign that was given the file and spent two labels of its own."""
    folder = pretrained(tmp_path_factory.mktemp("pretrained") / "toy", labels / "told.xyz")
    done = toy.run(folder, "run", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_surrogate_is_corrected_before_the_first_label_of_its_own(ended, labels):
    events = [item.event for item in history.events(ended)]
    kinds = [event.kind for event in events]
    assert kinds[:2] == ["CampaignStarted", "LabelsImported"]
    first = next(event for event in events if isinstance(event, ModelRefitted))
    assert (first.n_train, first.n_imported) == (0, 4)
    assert kinds.index("ModelRefitted") < kinds.index("CandidateSelected")
    selected = [event for event in events if isinstance(event, CandidateSelected)]
    assert {event.model_id for event in selected} == {"m-0001"}
    assert all(event.energy_std_eV is not None for event in selected)
    assert "from 4 label" in selected[0].reason or "4 labelled" in selected[0].reason
    imported = next(event for event in events if isinstance(event, LabelsImported))
    assert imported.same_reference
    assert imported.source == str(labels / "told.xyz")
    assert [reference.count for reference in imported.references] == [4]


def test_what_was_copied_is_what_the_file_says_and_goes_out_with_everything(ended, labels, tmp_path):
    campaign = engine.open(ended)
    given = ase.io.read(labels / "told.xyz", ":")
    for copy, original in zip(campaign.imported(), given, strict=True):
        assert copy.get_potential_energy() == original.get_potential_energy()
        np.testing.assert_allclose(copy.get_forces(), original.get_forces(apply_constraint=False), atol=1e-12)
        assert copy.info["source"] == str(labels / "told.xyz")
    assert len(campaign.labels) == 2
    export(campaign, "extxyz", tmp_path / "out.xyz")
    for atoms in ase.io.read(tmp_path / "out.xyz", ":"):
        words = atoms.info["deltadesk"]["pretraining"]
        assert words == f"4 labels of {labels / 'told.xyz'} (the same reference)"
    campaign.save_potential(tmp_path / "a.potential")
    (imported,) = _label(tmp_path / "a.potential")["imported"]
    assert (imported["count"], imported["same_reference"]) == (4, True)
    campaign.close()


def _label(path):
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("potential.json"))


def test_another_campaign_gives_what_its_export_gives(finished_toy, ended, labels):
    settings = config.load(ended)
    (_, of_file), (event, of_campaign) = gather(
        ended,
        settings.model_copy(
            update={
                "pretraining": (
                    config.PretrainingSettings(source=str(labels / "told.xyz")),
                    config.PretrainingSettings(source=str(finished_toy)),
                )
            }
        ),
    )
    assert event.same_reference
    for one, other in zip(of_file, of_campaign, strict=True):
        assert (one.source, other.source) == (0, 1)
        assert one.structure.get_potential_energy() == other.structure.get_potential_energy()
        np.testing.assert_allclose(one.structure.positions, other.structure.positions, atol=1e-7)
        np.testing.assert_allclose(one.base_forces, other.base_forces, atol=1e-5)


@pytest.mark.parametrize("point", ["inside:LabelsImported:1", "after:LabelsImported:1"])
def test_a_killed_campaign_has_all_of_it_or_has_not_begun(ended, labels, tmp_path, point):
    source = shutil.copy(labels / "told.xyz", tmp_path / "labels.xyz")
    folder = pretrained(tmp_path / "toy", "../labels.xyz")
    assert toy.run(folder, "run", folder, DELTADESK_CRASH=point).returncode == -signal.SIGKILL
    if point.startswith("after"):
        source.unlink()
    else:
        assert history.events(folder) == []
    done = toy.run(folder, "run", folder)
    assert done.returncode == 0, done.stderr
    assert history.course(folder) == history.course(ended)


@pytest.mark.parametrize(
    ("source", "changes", "words"),
    [
        (
            "untold.xyz",
            {},
            "untold.xyz does not say what calculated 4 of its labels: if it was this campaign's",
        ),
        (
            "told.xyz",
            {"reference": "asap_cutoff = true"},
            "calculated with asap_cutoff = None, .* asap_cutoff = True",
        ),
        ("gone.xyz", {}, r"pretraining: gone\.xyz is not there"),
        ("", {}, "pretraining.source = '': must not be empty"),
        (".", {}, r"holds no campaign\.db"),
    ],
)
def test_labels_of_another_reference_are_refused_in_one_line(labels, tmp_path, source, changes, words):
    folder = pretrained(tmp_path / "toy", labels / source if source else "", **changes)
    with pytest.raises(DeltadeskError, match=words) as caught:
        gather(folder, config.load(folder))
    assert "\n" not in str(caught.value)


def test_a_refusal_on_the_command_line_writes_nothing(labels, tmp_path):
    folder = pretrained(tmp_path / "toy", labels / "untold.xyz")
    done = toy.run(folder, "run", folder)
    assert done.returncode == 2
    assert [line for line in done.stderr.splitlines() if line.startswith("deltadesk:")] == [
        done.stderr.strip().splitlines()[-1]
    ]
    assert "write mix = true beside its source" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["campaign.toml"]


@pytest.mark.parametrize(("source", "code"), [("untold.xyz", ""), ("told.xyz", "tests")])
def test_a_mixture_that_is_asked_for_is_written_down(labels, tmp_path, source, code):
    folder = pretrained(tmp_path / "toy", labels / source, mix=True, reference="asap_cutoff = true")
    ((event, given),) = gather(folder, config.load(folder))
    assert not event.same_reference
    assert [reference.code for reference in event.references] == [code]
    assert len(given) == event.count == 4


def test_forces_that_are_fitted_must_be_there(labels, tmp_path):
    plain = ase.io.read(labels / "told.xyz", ":")
    for atoms in plain:
        del atoms.arrays["REF_forces"], atoms.calc.results["forces"]
    ase.io.write(tmp_path / "energies.extxyz", plain)
    folder = pretrained(tmp_path / "toy", tmp_path / "energies.extxyz")
    with pytest.raises(ConfigError, match=r"has labels without forces, which \[delta\] forces = true fits"):
        gather(folder, config.load(folder))


def test_so_must_those_that_networks_fit(labels, tmp_path):
    plain = ase.io.read(labels / "told.xyz", ":")
    for atoms in plain:
        del atoms.arrays["REF_forces"], atoms.calc.results["forces"]
    ase.io.write(tmp_path / "energies.extxyz", plain)
    settings = config.load(pretrained(tmp_path / "toy", tmp_path / "energies.extxyz"))
    networks = CommitteeSettings(kind="networks", directions=3)
    asked = settings.model_copy(update={"delta": DeltaSettings(forces=False), "committee": networks})
    with pytest.raises(ConfigError, match=r"\[committee\] directions = 3 fits: .* set directions = 0"):
        gather(tmp_path / "toy", asked)
    without = asked.model_copy(update={"committee": networks.model_copy(update={"directions": 0})})
    assert gather(tmp_path / "toy", without)


def test_a_campaign_without_labels_has_nothing_to_give(tmp_path):
    donor = toy.make(tmp_path / "donor")
    Store.create(donor).close()
    folder = pretrained(tmp_path / "toy", donor)
    with pytest.raises(CampaignError, match="has no labels yet"):
        gather(folder, config.load(folder))


def test_it_stays_as_it_was_when_the_campaign_began(ended, tmp_path):
    folder = shutil.copytree(ended, tmp_path / "toy")
    text = (folder / "campaign.toml").read_text()
    (folder / "campaign.toml").write_text(text.partition("[[pretraining]]")[0])
    done = toy.run(folder, "run", folder, "--labels", 3)
    assert done.returncode == 2
    assert "pretraining changed since this campaign began" in done.stderr


@pytest.fixture(scope="module")
def potentials():
    settings = config.parse(toy.TOML.format(**toy.DEFAULTS))
    base = ASECalculator(settings.potential.calculator, settings.potential.settings)
    return settings, base, ASECalculator("ase.calculators.emt:EMT", {})


def first_fit(folder, potentials, structures):
    """The Δ-model of a campaign that has no label but was given these structures."""
    from ase.calculators.singlepoint import SinglePointCalculator

    settings, base, truth = potentials
    store = Store.create(folder)
    said, label = base.predict(structures), truth.predict(structures)
    with store.transaction(0, 0.0) as rows:
        rows.append(CampaignStarted(name="toy", seed=1, rules=rules(), settings={}))
        for k, structure in enumerate(structures):
            copy = structure.copy()
            copy.calc = SinglePointCalculator(copy, energy=label.energy[k], forces=label.forces[k])
            rows.add_imported(Imported(0, copy, said.energy[k], said.forces[k]))
    store.close()
    found = fit(Fit(folder, settings, "m-0000", "m-0001", n_known=0, labels=(), waiting=(), probe=()))
    assert found.accepted
    assert found.n_imported == len(structures)
    return found, SparseGPR.load(folder / "models" / "m-0001.npz")


def rules():
    from tests.laws.strategies import RULES

    return RULES


def test_the_first_fit_knows_structures_that_it_has_not_seen(tmp_path, potentials):
    _, base, truth = potentials
    structures = random_clusters("Cu3Ag2", 45)
    found, model = first_fit(tmp_path, potentials, structures[:30])
    unseen = structures[30:]
    missing = truth.predict(unseen).energy - base.predict(unseen).energy
    alone = np.abs(missing - np.median(missing)).mean()
    corrected = np.abs(model.predict(unseen).energy - missing).mean()
    assert corrected < 0.5 * alone
    assert found.std_scale == model.std_scale != 1.0  # 30 labels held out in turn measure it


def test_labels_that_lack_an_element_of_the_campaign_teach_what_they_can(tmp_path, potentials):
    """Copper alone: silver's environments stay as uncertain as before any label."""
    _, model = first_fit(tmp_path, potentials, random_clusters("Cu5", 10))
    assert model.soap.species == ("Ag", "Cu")
    mixed, copper = random_clusters("Cu3Ag2", 1)[0], random_clusters("Cu5", 1)[0]
    said = model.predict([mixed, copper])
    assert np.isfinite(said.energy).all()
    assert said.energy_std[0] > 3 * said.energy_std[1]
