"""Lengths and counts that tell vetoes from approvals."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.data import covalent_radii

from engine.checks import broken, traits
from engine.checks.traits import REACH
from engine.core import VetoRule
from engine.core.veto_rules import is_trait


def test_distances_of_a_molecule_are_those_of_its_geometry():
    water = molecule("H2O")
    found = traits(water)
    distances = water.get_all_distances()
    assert found["distance H-O"] == pytest.approx(distances[0, 1:].min())
    assert found["distance H-H"] == pytest.approx(distances[1, 2])
    assert found["closest pair"] == pytest.approx(distances[0, 1] / covalent_radii[[8, 1]].sum())
    assert found["loneliest atom"] == pytest.approx(distances[0, 1])
    assert found["fragments"] == 1
    assert found["thickness"] == pytest.approx(0, abs=1e-9)
    assert "volume" not in found
    assert all(is_trait(name) for name in found)


def test_what_evaporated_is_a_lonely_fragment_as_far_as_is_looked():
    water = molecule("H2O")
    water += Atoms("H", [(0, 0, 4.5)])
    found = traits(water)
    assert found["fragments"] == 2
    nearest = np.linalg.norm(water.positions[:3] - water.positions[3], axis=1).min()
    assert found["loneliest atom"] == pytest.approx(nearest)
    water.positions[3, 2] = 50
    assert traits(water)["loneliest atom"] == REACH


def test_a_crystal_has_a_volume_and_no_pieces_and_sees_its_images():
    salt = bulk("NaCl", "rocksalt", a=5.64)
    found = traits(salt)
    assert found["distance Cl-Na"] == pytest.approx(2.82)
    assert found["distance Na-Na"] == pytest.approx(5.64 / np.sqrt(2))
    assert found["volume"] == pytest.approx(5.64**3 / 8)
    assert "fragments" not in found
    assert "thickness" not in found


def test_the_thickness_of_a_slab_is_taken_across_it_however_it_lies():
    slab = fcc111("Ag", (2, 2, 3), vacuum=8)
    height = np.ptp(slab.positions[:, 2])
    assert traits(slab)["thickness"] == pytest.approx(height)
    slab.rotate(37, "x", rotate_cell=True)
    assert traits(slab)["thickness"] == pytest.approx(height)


def test_one_atom_has_no_neighbours():
    assert traits(Atoms("Ag", [(0, 0, 0)])) == {"fragments": 1.0, "thickness": 0.0}


def test_a_rule_that_is_broken_is_a_flag_that_names_value_limit_and_person():
    rules = [VetoRule("distance H-H", "below", 1.6, by="ada"), VetoRule("fragments", "above", 1, by="bo")]
    (flag,) = broken(rules, traits(molecule("H2O")))
    assert (flag.check, flag.reason) == ("veto-rule", "H–H 1.526 Å, below 1.6: rule of ada")
