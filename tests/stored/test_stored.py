"""Campaigns of every version so far open, say what they said, go on, and give their data."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import get_args

import ase.io
import pytest

from engine.core.events import Event
from tests.engine.loop.test_crash import campaign
from tests.stored.__main__ import said
from tests.support import history, toy

VERSIONS = sorted(Path(__file__).parent.glob("*.zip"))


@pytest.fixture(params=VERSIONS, ids=lambda path: path.stem, scope="module")
def stored(request, tmp_path_factory):
    """Folder of a stored campaign, and what its own version said of it."""
    folder = tmp_path_factory.mktemp("stored") / request.param.stem
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(folder)
    return folder, json.loads(request.param.with_suffix(".json").read_text())


def test_it_says_what_it_said(stored):
    folder, then = stored
    now = said(folder)
    assert {key: now[key] for key in then} == then


def test_every_kind_of_event_is_in_one_of_them(tmp_path):
    found = set()
    for version in VERSIONS:
        with zipfile.ZipFile(version) as archive:
            archive.extractall(tmp_path / version.stem)
        found |= {item.event.kind for item in history.events(tmp_path / version.stem)}
    assert found == {kind.__name__ for kind in get_args(Event)}


def test_its_labels_are_exported(stored, tmp_path):
    folder, then = stored
    out = tmp_path / "labels.xyz"
    assert toy.run(folder, "export", folder, out, "--to", "extxyz").returncode == 0
    energies = [atoms.get_potential_energy() for atoms in ase.io.read(out, ":")]
    assert energies == pytest.approx(list(then["labels_eV"].values()))


def test_it_goes_on(stored, tmp_path):
    stored_folder, then = stored
    folder = shutil.copytree(stored_folder, tmp_path / "copy")
    more = len(then["labels_eV"]) + 1
    done = toy.run(folder, "run", folder, "--auto-approve", "--labels", more, "--json")
    assert done.returncode == 0, done.stderr
    assert campaign(folder).state == "finished"
    assert len(campaign(folder).labels) == more
    before = [item.event.kind for item in history.events(stored_folder)]
    assert [item.event.kind for item in history.events(folder)][: len(before)] == before
