"""A campaign in a notebook."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import engine
from engine.config import CampaignSettings
from engine.core import Campaign
from engine.errors import CampaignError, ConfigError, StructureError
from tests.support import toy
from tests.support.toy import REPOSITORY


def test_importing_the_engine_imports_nothing_heavy():
    code = "import sys; before = set(sys.modules); import engine; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert "engine" in done.stdout.split()
    heavy = {"torch", "ase", "numpy", "pandas", "pydantic", "nglview", "engine.store"}
    assert heavy.isdisjoint(done.stdout.split())


def test_a_notebook_from_first_cell_to_last(finished_toy, tmp_path):
    cells = f"""
import engine, sys
campaign = engine.open({str(finished_toy)!r})
display(campaign.labels[["energy_eV", "predicted_energy_eV"]])
display(campaign.view(campaign.labels.index[-1]))
assert "torch" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--quick", "--colors=nocolor", "-c", cells],
        capture_output=True,
        text=True,
        check=False,
        env=toy.environment(finished_toy, IPYTHONDIR=str(tmp_path)),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "energy_eV" in done.stdout
    assert "NGLWidget" in done.stdout


def test_tables_say_what_the_campaign_knows(finished):
    campaign = finished.snapshot
    assert isinstance(campaign, Campaign)
    assert isinstance(finished.settings, CampaignSettings)
    table = finished.candidates
    assert set(table.index) == set(campaign.candidates)
    for candidate in campaign.candidates.values():
        row = table.loc[candidate.id]
        assert row["energy_eV"] == candidate.label_eV
        assert row["predicted_energy_eV"] == candidate.energy_eV
        assert row["status"] == candidate.status
    assert isinstance(table["decided_time"].dtype, pd.DatetimeTZDtype)
    labels = finished.labels
    assert tuple(labels.index) == campaign.labels
    assert list(labels["label"]) == [1, 2, 3, 4]
    assert list(labels["n_train"]) == [0, 0, 2, 2]
    np.testing.assert_array_equal(labels["error_eV"], labels["predicted_energy_eV"] - labels["energy_eV"])
    events = finished.events
    assert list(events.index) == list(range(1, campaign.seq + 1))
    assert (events["kind"] == "ReferenceCompleted").sum() == 4
    assert events.loc[1, "fact"]["name"] == "toy"
    proposals = finished.proposals
    assert len(proposals) == finished.store.count_proposals()
    assert set(labels.index) <= set(proposals.index)
    assert repr(finished) == "CampaignView('toy': finished, 4 labels, 4 candidates, model m-0002)"


def test_structures_come_with_their_labels(finished):
    for candidate, energy in finished.labels["energy_eV"].items():
        assert finished.structure(candidate).get_potential_energy() == energy
    with pytest.raises(CampaignError, match="holds no candidate c-999999"):
        finished.structure("c-999999")


def test_the_calculator_predicts_what_the_campaign_predicted(finished):
    row = finished.labels.iloc[-1]
    structure = finished.structure(row.name).copy()
    structure.calc = finished.calculator(row["model_id"])
    assert structure.get_potential_energy() == pytest.approx(row["predicted_energy_eV"], abs=1e-9)
    assert structure.calc.results["energy_std"] == pytest.approx(row["predicted_energy_std_eV"], abs=1e-9)
    assert structure.calc.results["atom_std"].shape == (5,)
    step = 1e-4  # Å
    energies = []
    for sign in (1, -1):
        moved = structure.copy()
        moved.positions[1, 2] += sign * step
        moved.calc = structure.calc
        energies.append(moved.get_potential_energy())
    assert structure.get_forces()[1, 2] == pytest.approx(-(energies[0] - energies[1]) / 2 / step, abs=1e-5)


def test_before_the_first_fit_it_is_the_bare_potential(finished):
    row = finished.labels.iloc[0]
    structure = finished.structure(row.name).copy()
    structure.calc = finished.calculator("m-0000")
    assert structure.get_potential_energy() == row["base_energy_eV"]
    assert "energy_std" not in structure.calc.results


def test_a_structure_it_cannot_take(finished):
    structure = finished.structure(finished.labels.index[0]).copy()
    structure.calc = finished.calculator()
    structure.numbers[0] = 79
    with pytest.raises(StructureError, match="holds Au"):
        structure.get_potential_energy()
    structure.positions[0, 0] = np.nan
    with pytest.raises(StructureError, match="positions that are not finite"):
        structure.get_potential_energy()


def test_unknown_models_are_one_line(finished):
    with pytest.raises(CampaignError, match=r"has no model 'm-0009'; known: m-0000, m-0001, m-0002"):
        finished.calculator("m-0009")


def test_a_potential_leaves_its_campaign_in_one_file(finished, tmp_path):
    for model_id in ("m-0000", "m-0002"):
        path = finished.save_potential(tmp_path / f"{model_id}.potential", model_id)
        loaded, original = engine.load_potential(path, trust=True), finished.calculator(model_id)
        for candidate in finished.labels.index:
            structure = finished.structure(candidate)
            for calculator in (loaded, original):
                calculator.calculate(structure)
            assert set(loaded.results) == set(original.results)
            for name, value in original.results.items():
                np.testing.assert_allclose(loaded.results[name], value, atol=1e-12, rtol=0)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m-0000.potential", "m-0002.potential"]
    with pytest.raises(CampaignError, match=r"exists: .*force=True"):
        finished.save_potential(path)
    assert finished.save_potential(path, force=True) == path


def test_a_file_that_would_run_code_is_asked_for_twice(finished, tmp_path):
    path = finished.save_potential(tmp_path / "p")
    with pytest.raises(ConfigError, match=r"LennardJones .* can run code: .*trust=True"):
        engine.load_potential(path)


@pytest.mark.parametrize("damage", ["empty", "text", "half", "model"])
def test_a_file_that_is_no_potential_is_one_line(finished, finished_toy, tmp_path, damage):
    path = tmp_path / "p"
    whole = finished.save_potential(tmp_path / "whole").read_bytes()
    model = (finished_toy / "models" / "m-0001.npz").read_bytes()
    path.write_bytes({"empty": b"", "text": b"E = mc2", "half": whole[:900], "model": model}[damage])
    with pytest.raises(CampaignError, match="deltadesk") as raised:
        engine.load_potential(path)
    assert "\n" not in str(raised.value)
    with pytest.raises(CampaignError, match="there is no file"):
        engine.load_potential(tmp_path / "nothing")


def test_a_potential_of_registered_names_needs_no_trust(tmp_path):
    from ase.build import molecule

    from engine.config import PotentialSettings
    from engine.potentials import saved

    label = saved.Label(
        campaign="Ag8S4", model_id="m-0000", fitted=False, base=PotentialSettings(), reference={}
    )
    path = tmp_path / "p"
    path.write_bytes(saved.pack(label, None))
    water = molecule("H2O", vacuum=4.0)
    water.calc = engine.load_potential(path)
    assert water.calc.title == "chgnet-0.3.0"
    assert water.get_potential_energy() < -10  # eV
