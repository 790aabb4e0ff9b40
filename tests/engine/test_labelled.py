"""Labelled structures from files: what can be used, with what they were calculated; the rest is one line."""

import re

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.db import connect  # noqa: TID251 - a person's file

from engine.errors import StructureError
from engine.labelled import MOST_LABELS, read_labelled

HEAD = "3\nProperties=species:S:1:pos:R:3:forces:R:3 energy=-14.2\n"
ROWS = "O 0 0 0 0 0 0.1\nH 0 0.76 0.59 0 0 0\nH 0 -0.76 0.59 0 0 -0.1\n"
TEN = 'Lattice="{a} 0 0 0 {a} 0 0 0 {a}" pbc="T T T" '


@pytest.mark.parametrize("name", ["a.extxyz", "a.traj", "a.json", "a.db"])
def test_any_format_that_keeps_energies_and_forces(tmp_path, name):
    frames = [bulk("Cu", cubic=True), molecule("H2O"), Atoms("Cu2", [[0, 0, 0], [0, 0, 2.3]])]
    frames[0].rattle(0.05, seed=1)
    frames[0].set_constraint(FixAtoms([0]))
    forces = []
    for frame in frames:
        frame.calc = EMT()
        if frame.cell.rank == 3:
            frame.get_stress()
        forces.append(frame.get_forces(apply_constraint=False))
    ase.io.write(tmp_path / name, frames)
    found = read_labelled(tmp_path / name)
    assert [label.structure.get_chemical_formula() for label in found] == ["Cu4", "H2O", "Cu2"]
    assert found[0].structure.pbc.all()
    assert found[0].structure.constraints == []
    np.testing.assert_allclose(found[0].stress, frames[0].get_stress(), atol=1e-8)
    assert found[1].stress is None
    for label, frame, expected in zip(found, frames, forces, strict=True):
        assert label.energy == pytest.approx(frame.get_potential_energy(), abs=1e-8)
        np.testing.assert_allclose(label.forces, expected, atol=1e-7)
        assert label.provenance is None


@pytest.mark.parametrize("gap", ["\n", "\n \n\n"])
def test_an_empty_line_between_two_structures_is_no_end(tmp_path, gap):
    """As where two files were put one after the other."""
    (tmp_path / "a.xyz").write_text(gap + HEAD + ROWS + gap + HEAD.replace("-14.2", "-15.0") + ROWS + gap)
    assert [label.energy for label in read_labelled(tmp_path / "a.xyz")] == [-14.2, -15.0]


def test_of_a_database_it_is_known_what_calculated_it(tmp_path):
    said = {"reference_code": "emt", "reference_version": "3.2", "reference_settings": {"asap_cutoff": True}}
    frame = bulk("Cu", cubic=True)
    frame.calc = EMT()
    frame.get_forces()
    with connect(tmp_path / "a.db") as database:
        database.write(frame)
        database.write(frame, data={"deltadesk": said})
    unknown, known = (label.provenance for label in read_labelled(tmp_path / "a.db"))
    assert unknown is None
    assert (known.code, known.version, known.settings) == tuple(said.values())


def test_maces_names_are_read_too(tmp_path):
    text = HEAD.replace("forces:", "REF_forces:").replace("energy=", "REF_energy=")
    (tmp_path / "a.xyz").write_text(text + ROWS)
    (label,) = read_labelled(tmp_path / "a.xyz")
    assert label.energy == -14.2
    assert label.forces[0].tolist() == [0, 0, 0.1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a.xyz is empty"),
        (HEAD + ROWS[:20], "a.xyz cannot be read as a structure, it may be truncated"),
        (HEAD + ROWS + HEAD + ROWS[:20], "a.xyz cannot be read as a structure, it may be truncated"),
        (
            HEAD + ROWS + "3\n\nO 0 0 0\nH 0 0 1\nH 0 1 0\n",
            "structure 1: holds no energy: a label is an energy",
        ),
        (HEAD.replace("-14.2", "nan") + ROWS, "structure 0: holds an energy that is not a number: nan"),
        (HEAD.replace("-14.2", "low") + ROWS, "structure 0: holds an energy that is not a number: low"),
        (HEAD + ROWS.replace("0.1\n", "nan\n", 1), "structure 0: holds a force that is not a number: atom 0"),
        (HEAD + ROWS.replace("0.76", "nan", 1), "structure 0: holds a position that is not a number: atom 1"),
        (
            HEAD.replace("energy", 'stress="nan 0 0 0 0 0 0 0 0" energy') + ROWS,
            "structure 0: holds a stress that is not six numbers",
        ),
        (HEAD + ROWS + "1\nenergy=1\nO 0 0 0\n", "structure 1: holds one atom"),
        (
            HEAD + ROWS.replace("0.76 0.59", "0 0.01", 1),
            "structure 0: holds atoms on top of each other: O0 and H1",
        ),
        (HEAD + ROWS.replace("O ", "X "), "structure 0: holds an unknown species: atom 0 is X"),
        (HEAD.replace("3\n", "3\n" + TEN.format(a=0)) + ROWS, "in which it has no cell"),
        ("100001\nenergy=1\n" + "Ag 0 0 0\n" * 100001, "structure 0: holds 100001 atoms: at most 1000"),
        ("2\nenergy=1\nCu 0 0 0\nCu 0 0 2.3\n" * (MOST_LABELS + 1), "holds 5001 structures: at most 5000"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(tmp_path, text, words):
    (tmp_path / "a.xyz").write_text(text)
    with pytest.raises(StructureError, match=rf"^a\.xyz.*{re.escape(words.removeprefix('a.xyz'))}") as caught:
        read_labelled(tmp_path / "a.xyz")
    assert "\n" not in str(caught.value)


def test_cells_may_differ_from_structure_to_structure(tmp_path):
    text = "".join(HEAD.replace("3\n", "3\n" + TEN.format(a=a)) + ROWS for a in (9, 10))
    (tmp_path / "a.xyz").write_text(text)
    assert [label.structure.cell[0, 0] for label in read_labelled(tmp_path / "a.xyz")] == [9, 10]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(StructureError, match=r"a\.xyz is not there \(looked for"):
        read_labelled(tmp_path / "a.xyz")
