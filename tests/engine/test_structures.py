"""What can be read as a start structure; the rest is one clear line."""

import re

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.constraints import FixAtoms, FixBondLength

from engine.errors import StructureError
from engine.structures import read_cluster

WATER = "3\n\nO 0 0 0\nH 0 0.76 0.59\nH 0 -0.76 0.59\n"


@pytest.mark.parametrize(
    "name", ["a.xyz", "a.extxyz", "a.cif", "a.pdb", "a.traj", "POSCAR", "a.json", "a.gen"]
)
def test_any_format_that_ase_reads(tmp_path, name):
    water = molecule("H2O", vacuum=5.0)
    water.pbc = name in ("POSCAR", "a.cif")  # formats that know only periodic boxes
    ase.io.write(tmp_path / name, water)
    found = read_cluster(tmp_path / name)
    assert found.get_chemical_formula() == "H2O"
    assert not found.pbc.any()
    assert found.cell.rank == 0
    np.testing.assert_allclose(
        np.sort(found.get_all_distances().ravel()), np.sort(water.get_all_distances().ravel()), atol=2e-3
    )


def test_fixed_atoms_stay_fixed_and_results_are_dropped(tmp_path):
    water = molecule("H2O")
    water.set_constraint(FixAtoms([0, 2]))
    ase.io.write(tmp_path / "a.traj", water)
    (constraint,) = read_cluster(tmp_path / "a.traj").constraints
    assert constraint.index.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n\n", "holds no structure"),
        (WATER[:-12], "cannot be read as a structure, it may be truncated"),
        ("3\n\nO 0 0 0\nH 0 0.76 0.59\n", "cannot be read as a structure, it may be truncated"),
        ("thesis", "cannot be read as a structure"),
        (WATER.replace("0.76", "nan", 1), "holds a position that is not a number: atom 1"),
        (WATER.replace("0.76", "inf", 1), "holds a position that is not a number: atom 1"),
        (WATER.replace("0.76", "7.6e9", 1), "reaches beyond 10000 Å: positions and cells are in Å"),
        ("1\n\nO 0 0 0\n", "holds one atom: there is nothing to search"),
        (WATER.replace("0.76 0.59", "0 0.01", 1), "on top of each other: O0 and H1 are 0.01 Å apart"),
        (WATER.replace("O ", "Xq ", 1), "cannot be read as a structure"),
        (WATER.replace("O ", "X ", 1), "holds an unknown species: atom 0 is X"),
        (WATER * 2, "holds 2 structures: a search starts from one"),
        ("100001\n\n" + "Ag 0 0 0\n" * 100001, "holds 100001 atoms: at most 1000"),
        (
            "".join(
                WATER.replace("\n\n", f'\nLattice="{a} 0 0 0 {a} 0 0 0 {a}" pbc="F F F"\n', 1) for a in (9, 8)
            ),
            "holds 2 structures with different cells",
        ),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(tmp_path, text, words):
    (tmp_path / "a.xyz").write_text(text)
    with pytest.raises(StructureError, match=rf"^a\.xyz .*{re.escape(words)}") as caught:
        read_cluster(tmp_path / "a.xyz")
    assert "\n" not in str(caught.value)


def test_a_name_with_an_at_sign_is_a_name(tmp_path):
    (tmp_path / "ada@home.xyz").write_text(WATER)
    assert len(read_cluster(tmp_path / "ada@home.xyz")) == 3


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(StructureError, match=r"a\.xyz is not there"):
        read_cluster(tmp_path / "a.xyz")
    with pytest.raises(StructureError, match="is not there"):
        read_cluster(tmp_path)


@pytest.mark.parametrize(
    ("structure", "words"),
    [
        (bulk("Ag", cubic=True), "with bonds through its box"),
        (
            Atoms("Ag2", [[0, 0, 1.35], [0, 0, 10.65]], cell=[12, 12, 12], pbc=True),
            "with bonds through its box",
        ),
        (Atoms("Ag2", [[0, 0, 0], [0, 0, 2.7]], pbc=[True, False, False]), "in which it has no cell"),
        (Atoms(), "holds no atoms"),
        (
            Atoms("Ag2", [[0, 0, 0.1], [0, 0, 11.9]], cell=[12, 12, 12], pbc=True),
            "on top of each other: Ag0 and Ag1 are 0.20 Å apart",
        ),
    ],
)
def test_only_molecules_and_clusters(tmp_path, structure, words):
    ase.io.write(tmp_path / "a.traj", structure)
    with pytest.raises(StructureError, match=words):
        read_cluster(tmp_path / "a.traj")


def test_constraints_that_no_search_keeps(tmp_path):
    water = molecule("H2O")
    water.set_constraint(FixBondLength(0, 1))
    ase.io.write(tmp_path / "a.traj", water)
    with pytest.raises(StructureError, match="constraints other than fixed atoms"):
        read_cluster(tmp_path / "a.traj")
