"""Data goes out through every format, with where it came from, and comes back as it was."""

import gzip
import json
import shutil
import sqlite3
import time

import ase.io
import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db import connect  # noqa: TID251  an exported file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import engine
from engine.core import CandidateVetoed, fold
from engine.export import chemiscope, export, extxyz
from engine.export.frames import Frame
from engine.loop.writer import writing
from engine.methods import methods
from engine.pool_file import PoolFile
from engine.store import Store
from tests.engine.loop.test_crash import campaign, start, wait_for
from tests.support import large, silicon, toy

FORMATS = ["ase-db", "chemiscope", "csv", "extxyz"]
EIGHT_DECIMALS = 0.51e-8  # what ASE's writer of extended XYZ keeps


def test_extxyz_comes_back_with_labels_and_provenance(finished, tmp_path):
    assert export(finished, "extxyz", tmp_path / "labels.xyz") == 4
    frames = ase.io.read(tmp_path / "labels.xyz", ":")
    table = finished.labels
    assert [f.info["candidate"] for f in frames] == list(table.index)
    for frame, structure in zip(frames, finished.structures(table.index), strict=True):
        np.testing.assert_allclose(frame.positions, structure.positions, atol=EIGHT_DECIMALS, rtol=0)
        np.testing.assert_array_equal(frame.cell, structure.cell)
        assert frame.get_potential_energy() == structure.get_potential_energy() == frame.info["REF_energy"]
        for forces in (frame.get_forces(), frame.arrays["REF_forces"]):
            np.testing.assert_allclose(forces, structure.get_forces(), atol=EIGHT_DECIMALS, rtol=0)
        row, said = table.loc[frame.info["candidate"]], frame.info["deltadesk"]
        assert said["decided_by"] == "auto"
        assert said["reason"] == "passes all checks"
        assert pd.Timestamp(said["decided_time"]) == row["decided_time"]
        assert (said["campaign"], said["seed"]) == ("toy", 1)
        assert said["reference"] == "tests.support.witness_emt:WitnessEMT"
        assert said["base_potential"] == "ase.calculators.lj:LennardJones"
        assert said["generator"] == "random-search/0"
        assert said["seconds"] == row["seconds"] > 0
        assert said["cores"] == 1
        assert (said["reference_code"], said["reference_version"], said["pretraining"]) == (
            "tests",
            None,
            None,
        )
        assert said["reference_settings"] == {"calculator": "tests.support.witness_emt:WitnessEMT"}
    ase.io.write(tmp_path / "again.xyz", frames, format="extxyz")
    again = ase.io.read(tmp_path / "again.xyz", "-1")
    assert again.info["deltadesk"]["reference_settings"] == said["reference_settings"]
    fitted = frames[-1]
    assert fitted.info["model_id"] == fitted.info["deltadesk"]["model_id"] == "m-0001"
    assert fitted.info["predicted_energy_std_eV"] == table["predicted_energy_std_eV"].iloc[-1]
    assert fitted.arrays["atom_std_eV"].shape == (5,)
    assert "predicted_energy_std_eV" not in frames[0].info  # the bare potential has none


def test_ase_db_comes_back_to_the_last_digit(finished, tmp_path):
    export(finished, "ase-db", tmp_path / "labels.db")
    database = connect(str(tmp_path / "labels.db"))
    assert database.count() == 4
    for candidate in finished.labels.index:
        row, structure = database.get(candidate=candidate), finished.structure(candidate)
        back = row.toatoms()
        np.testing.assert_array_equal(back.positions, structure.positions)
        np.testing.assert_array_equal(back.get_forces(), structure.get_forces())
        assert back.get_potential_energy() == structure.get_potential_energy()
        said = row.data["deltadesk"]
        assert said["reference_settings"] == {"calculator": "tests.support.witness_emt:WitnessEMT"}
        assert said["reference_code"] == "tests"
        assert row.model_id == finished.labels.loc[candidate, "model_id"]


def test_csv_is_the_table(finished, tmp_path):
    export(finished, "csv", tmp_path / "all.csv", what="proposals")
    back = pd.read_csv(tmp_path / "all.csv", index_col="candidate")
    expected = finished.proposals
    assert list(back.index) == list(expected.index)
    np.testing.assert_array_equal(back["predicted_energy_eV"], expected["predicted_energy_eV"])
    assert set(back["status"]) == {"pool", "labelled"}
    assert set(back["seed"]) == {1}


def test_csv_holds_no_formula_and_other_formats_the_words_as_they_were_typed(tmp_path):
    folder = large.make(tmp_path / "camp", 2, paused=True)
    store = Store(folder)
    typed = {"by": "+ada", "reason": "=HYPERLINK(A1)", "note": "@SUM(A1)\tor -1"}
    with writing(store, fold(store.events()), time.time()) as writer:
        writer.append(CandidateVetoed(candidate="c-000001", auth="local", **typed))
    store.close()
    view = engine.open(folder)
    export(view, "csv", tmp_path / "all.csv", what="candidates")
    export(view, "extxyz", tmp_path / "all.xyz", what="candidates")
    energies = view.candidates["predicted_energy_eV"]
    back = pd.read_csv(tmp_path / "all.csv", index_col="candidate")
    row = back.loc["c-000001"]
    assert (row["decided_by"], row["reason"]) == ("'+ada", "'=HYPERLINK(A1)")
    assert row["note"] == "'@SUM(A1)\tor -1"
    texts = back.select_dtypes(["object", "string"])
    assert not any(str(cell).startswith(("=", "+", "-", "@")) for cell in texts.to_numpy().ravel())
    np.testing.assert_array_equal(back["predicted_energy_eV"], energies)
    assert (energies < 0).any()
    said = ase.io.read(tmp_path / "all.xyz", 0).info["deltadesk"]
    assert (said["decided_by"], said["reason"]) == ("+ada", "=HYPERLINK(A1)")


def test_chemiscope_has_a_map_of_numbers_that_every_structure_has(finished, tmp_path):
    export(finished, "chemiscope", tmp_path / "map.json.gz")
    said = json.loads(gzip.decompress((tmp_path / "map.json.gz").read_bytes()))
    assert said["meta"]["name"] == "toy"
    table = finished.labels
    x, y, z = (np.array(said["structures"][2][axis]) for axis in "xyz")
    np.testing.assert_array_equal(np.stack([x, y, z], axis=1), finished.structure(table.index[2]).positions)
    assert said["properties"]["energy"]["values"] == list(table["energy_eV"])
    np.testing.assert_array_equal(said["properties"]["σ"]["values"], table["predicted_energy_std_eV"])
    assert said["settings"]["map"] == {
        "x": {"property": "energy"},
        "y": {"property": "label"},
        "color": {"property": "labels before"},
    }


def test_chemiscope_colours_atoms_where_every_structure_has_their_std():
    frame = Frame("c-000001", Atoms("Ag2", [[0, 0, 0], [2.9, 0, 0]]), PROVENANCE, np.array([0.1, 0.2]))
    said = chemiscope.content([frame, frame])
    assert said["properties"]["σ per atom"]["values"] == [0.1, 0.2, 0.1, 0.2]
    assert [(e["structure"], e["center"]) for e in said["environments"]] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert "cell" not in said["structures"][0]
    assert said["meta"]["name"] == "nan of nans"  # a word that chemiscope would take for a number


PROVENANCE = {"campaign": "NaN of NaNs", "reference": "gfn1-xtb", "predicted_energy_eV": -1.0}
TEXT = st.text(max_size=40) | st.sampled_from(["T", "1e5", '"', "\\", 'a\\"b', "[1 2", "_JSON {", "\n\r\t"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    reason=TEXT,
    by=TEXT,
    energy=st.floats(-1e6, 1e6),
    positions=st.lists(st.tuples(*[st.floats(-50, 50)] * 3), min_size=1, max_size=3),
)
def test_whatever_a_person_typed_survives_extxyz(tmp_path, reason, by, energy, positions):
    structure = Atoms(["Ag"] * len(positions), positions, cell=[[9, 0, 0], [2, 8, 0], [1, 3, 7]], pbc=True)
    forces = np.array(positions) / 7
    structure.calc = SinglePointCalculator(structure, energy=energy, forces=forces)
    said = {**PROVENANCE, "reason": reason, "decided_by": by, "parent": None}
    path = tmp_path / "one.xyz"
    extxyz.write(path, [Frame("c-000001", structure, said, None)] * 2)
    for back in ase.io.read(path, ":", format="extxyz"):
        assert back.info["deltadesk"] == said
        assert back.info["candidate"] == "c-000001"
        assert back.get_potential_energy() == energy
        np.testing.assert_allclose(back.positions, structure.positions, atol=EIGHT_DECIMALS, rtol=0)
        np.testing.assert_allclose(back.get_forces(), forces, atol=EIGHT_DECIMALS, rtol=0)


def test_the_kind_of_a_structure_goes_out_with_it(tmp_path):
    view = engine.open(silicon.make(tmp_path / "si", n_each=4))
    for to in FORMATS:
        export(view, to, tmp_path / to, what="proposals" if to == "csv" else "labels")
    kinds = ["volume", "small", "large", "random"] * 2
    assert [frame.info["kind"] for frame in ase.io.read(tmp_path / "extxyz", ":", format="extxyz")] == kinds
    assert [row.data["kind"] for row in connect(str(tmp_path / "ase-db"), type="db").select()] == kinds
    assert pd.read_csv(tmp_path / "csv")["kind"].tolist() == kinds * 2
    said = json.loads((tmp_path / "chemiscope").read_text())
    assert said["properties"]["kind"]["values"] == kinds
    pool = PoolFile(tmp_path / "labels.extxyz", ("Si",), (True, True, True))
    (tmp_path / "extxyz").rename(pool.path)
    assert [structure.info["kind"] for structure in pool.read(0, 0, 8)[0]] == kinds
    view.close()


@pytest.mark.parametrize("to", FORMATS)
def test_nothing_is_replaced_unless_it_is_forced(finished, finished_toy, tmp_path, deltadesk, to):
    out = tmp_path / "out"
    out.write_text("thesis")
    code, _, err = deltadesk("export", finished_toy, out, "--to", to)
    assert (code, len(err)) == (2, 1)
    assert "exists: name another file, or replace it with --force" in err[0]
    assert out.read_text() == "thesis"
    code, said, err = deltadesk("export", finished_toy, out, "--to", to, "--what", "candidates", "--force")
    assert (code, err) == (0, [])
    assert said == f"{out}: 4 candidates\n"
    assert out.stat().st_size > 1000
    assert list(tmp_path.iterdir()) == [out]


def test_what_was_done_and_the_potential_go_out_as_files_too(finished, finished_toy, tmp_path, deltadesk):
    paper, potential = tmp_path / "methods.txt", tmp_path / "toy.potential"
    assert deltadesk("export", finished_toy, paper, "--to", "methods")[1] == f"{paper}: 4 labels\n"
    assert paper.read_text() == methods(finished.snapshot)
    assert "tests.support.witness_emt:WitnessEMT" in paper.read_text()
    _, said, _ = deltadesk("export", finished_toy, potential, "--to", "potential")
    assert said == f"{potential}: {finished.snapshot.n_fitted} labels\n"
    structure = finished.structure(finished.labels.index[0])
    structure.calc = finished.calculator()
    same = structure.copy()
    same.calc = engine.load_potential(potential, trust=True)
    assert same.get_potential_energy() == pytest.approx(structure.get_potential_energy())
    code, _, err = deltadesk("export", finished_toy, paper, "--to", "methods")
    assert (code, len(err)) == (2, 1)
    assert "exists: name another file" in err[0]


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("nowhere/labels.xyz", "there is no folder"),
        ("folder", "is a folder: name a file in it"),
    ],
)
def test_a_place_that_cannot_be_written(finished_toy, tmp_path, deltadesk, out, words):
    (tmp_path / "folder").mkdir()
    code, _, err = deltadesk("export", finished_toy, tmp_path / out, "--to", "extxyz")
    assert (code, len(err)) == (2, 1)
    assert words in err[0]
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


def test_a_campaigns_own_files_are_never_replaced(finished_toy, tmp_path, deltadesk):
    folder = tmp_path / "toy"
    shutil.copytree(finished_toy, folder)
    for name in ("campaign.db", "campaign.toml", "models/m-0001.npz"):
        before = (folder / name).read_bytes()
        code, _, err = deltadesk("export", finished_toy, folder / name, "--to", "ase-db", "--force")
        assert (code, len(err)) == (2, 1)
        assert "lies in a campaign's folder, where nothing is replaced" in err[0]
        assert (folder / name).read_bytes() == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--to", "xyz"], "'xyz' is not one of 'extxyz'"),
        (["--to", "csv", "--what", "frames"], "'frames' is not one of 'labels'"),
        ([], "Missing option '--to'"),
        (["--too", "csv"], "No such option"),
    ],
)
def test_a_wrong_option_is_one_line(finished_toy, tmp_path, deltadesk, options, words):
    code, _, err = deltadesk("export", finished_toy, tmp_path / "out", *options)
    assert (code, len(err)) == (2, 1)
    assert words in err[0]
    assert list(tmp_path.iterdir()) == []


def test_a_campaign_that_cannot_be_read(finished_toy, tmp_path, deltadesk):
    def refused(folder, words):
        code, _, err = deltadesk("export", folder, tmp_path / "out.csv", "--to", "csv")
        assert (code, len(err)) == (2, 1), err
        assert words in err[0]
        assert not (tmp_path / "out.csv").exists()

    refused(tmp_path / "nowhere", "holds no campaign.toml: make a campaign with")
    refused(toy.make(tmp_path / "new"), "holds no campaign.db: start the campaign with `deltadesk run`")
    broken = toy.make(tmp_path / "broken")
    (broken / "campaign.db").write_bytes(b"not a database, but long enough to be read as one" * 40)
    refused(broken, "campaign.db is damaged (file is not a database)")
    torn = toy.make(tmp_path / "torn")
    with sqlite3.connect(finished_toy / "campaign.db") as source, sqlite3.connect(torn / "whole.db") as copy:
        source.backup(copy)
    content = (torn / "whole.db").read_bytes()
    (torn / "campaign.db").write_bytes(content[: len(content) // 2 // 4096 * 4096])
    refused(torn, str(torn / "campaign.db"))
    gap = toy.make(tmp_path / "gap")
    with sqlite3.connect(torn / "whole.db") as source, sqlite3.connect(gap / "campaign.db") as copy:
        source.backup(copy)
        copy.execute("DELETE FROM events WHERE seq = 3")
    refused(gap, "event 4 cannot follow event 2")


def test_a_running_campaign_is_exported(tmp_path, deltadesk):
    folder = toy.make(tmp_path / "toy", policy="person", pace="live", budget=2)
    server = start(folder)
    try:
        wait_for(lambda: campaign(folder).waiting)
        code, _, err = deltadesk("export", folder, tmp_path / "labels.xyz", "--to", "extxyz")
        assert (code, len(err)) == (2, 1)
        assert "has no labels yet: there is nothing to export; --what proposals" in err[0]
        count = export(engine.open(folder), "extxyz", tmp_path / "asked.xyz", what="candidates")
        frames = ase.io.read(tmp_path / "asked.xyz", f":{count}")
        assert {frame.info["deltadesk"]["status"] for frame in frames} == {"waiting"}
        assert all(frame.calc is None for frame in frames)
        assert server.poll() is None
    finally:
        server.kill()
        server.wait()
