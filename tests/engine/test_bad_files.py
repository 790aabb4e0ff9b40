"""Every file that a person names, with all that can be wrong with it: one clear line, and nothing written."""

import shlex

import pytest
from ase import Atoms

from engine.config import ReferenceSettings
from engine.errors import CalculationError, DeltadeskError
from engine.labelled import read_labelled
from engine.references.folder import JobInput
from engine.references.job import calculate
from engine.structures import read_cluster, read_slab

HEAD = 'Lattice="6 0 0 0 6 0 0 0 15" pbc="T T F" Properties=species:S:1:pos:R:3:forces:R:3 energy=-1.5\n'
ROWS = "Cu 0 0 0 0 0 0.1\nCu 2.5 0 0 0 0 0\nCu 0 2.5 0 0 0 -0.1\n"
SOUND = f"3\n{HEAD}{ROWS}"
FAMILIES = {
    "empty": "",
    "only blanks": "\n \n",
    "truncated": SOUND[:-25],
    "cut between structures": SOUND + SOUND[:40],
    "a thesis": "It was a dark and stormy night.\n" * 20,
    "binary": "\x00\x01\x02\x7fELF" * 50,
    "NaN positions": SOUND.replace("2.5 0 0 ", "nan 0 0 "),
    "NaN energy": SOUND.replace("-1.5", "nan"),
    "NaN forces": SOUND.replace("0.1\n", "nan\n", 1),
    "infinite": SOUND.replace("2.5 0 0 ", "inf 0 0 "),
    "in another unit": SOUND.replace("2.5 0 0 ", "2.5e12 0 0 "),
    "one atom": f"1\n{HEAD}Cu 0 0 0 0 0 0\n",
    "no atoms": f"0\n{HEAD}",
    "on top of each other": SOUND.replace("2.5 0 0 ", "0.1 0 0 "),
    "on top of an image": SOUND.replace("2.5 0 0 ", "5.9 0 0 "),
    "100000 atoms": f"100000\n{HEAD}" + "Cu 0 0 0 0 0 0\n" * 100_000,
    "unknown species": SOUND.replace("Cu", "Xq", 1),
    "no species": SOUND.replace("Cu", "X", 1),
    "mixed cells": SOUND + SOUND.replace('"6 0', '"7 0'),
    "no cell": SOUND.replace("6 0 0 0 6 0 0 0 15", "0 0 0 0 0 0 0 0 0"),
    "no energy": SOUND.replace(" energy=-1.5", ""),
}
LABELS = {"NaN energy", "NaN forces", "no energy"}
"""Faults of a label: no fault of a structure that is only started from."""

ALLOWED = {
    "start": LABELS,
    "slab": LABELS,
    "pretraining": {"mixed cells"},
    # only the label is taken from what a program writes, from its last structure
    "result": {"mixed cells", "no cell"},
}


def result(path):
    command = shlex.join(["cp", str(path), "{result}"])
    settings = ReferenceSettings(name="command", command=command, settings={"result": "result.xyz"})
    label = calculate(
        JobInput.of("c-000001", 1, Atoms("Cu3", [[0, 0, 0], [2.5, 0, 0], [0, 2.5, 0]]), settings)
    )
    if label.failure:
        raise CalculationError(label.words.strip())
    return label


DOORS = {"start": read_cluster, "slab": read_slab, "pretraining": read_labelled, "result": result}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("door", DOORS)
def test_a_file_that_cannot_be_used_is_one_clear_line(door, family, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    path = tmp_path / "given.xyz"
    path.write_text(FAMILIES[family])
    if family in ALLOWED[door]:
        DOORS[door](path)
        return
    with pytest.raises(DeltadeskError) as caught:
        DOORS[door](path)
    words = str(caught.value)
    assert words
    assert "\n" not in words
    assert "Traceback" not in words
    assert len(words) < 300
    assert {path.name for path in tmp_path.iterdir()} == {"given.xyz", "here"}
    assert path.read_text() == FAMILIES[family]


@pytest.mark.parametrize("door", DOORS)
def test_the_sound_one_passes(door, tmp_path, monkeypatch):
    """Otherwise no refusal above would say anything."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "given.xyz"
    path.write_text(SOUND)
    DOORS[door](path)
