"""Crystals in other cells."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms

from engine import crystals
from engine.errors import StructureError
from engine.math import strains, voigt_strain

A = 5.431
PRIMITIVE, CUBIC = bulk("Si", a=A), bulk("Si", a=A, cubic=True)


@pytest.mark.parametrize("voigt", strains([0.04])[::3])
def test_cell_and_atoms_are_strained_alike_and_nothing_else_changes(voigt):
    crystal = PRIMITIVE.copy()
    crystal.set_constraint(FixAtoms([0]))
    crystal.calc = SinglePointCalculator(crystal, energy=1.0)
    found = crystals.strained(crystal, voigt)
    deformation = np.linalg.solve(np.asarray(crystal.cell), np.asarray(found.cell))
    np.testing.assert_allclose(voigt_strain(deformation - np.eye(3)), voigt, atol=1e-15)
    np.testing.assert_allclose(found.get_scaled_positions(), crystal.get_scaled_positions(), atol=1e-15)
    assert found.calc is None
    assert not found.constraints
    assert crystal == PRIMITIVE


def test_the_conventional_cell_is_found_whatever_cell_a_crystal_has():
    for cell in (PRIMITIVE, CUBIC, PRIMITIVE.repeat((2, 2, 1))):
        found = crystals.conventional(cell)
        np.testing.assert_allclose(found.cell.cellpar(), [A, A, A, 90, 90, 90])
        assert len(found) == 8
        assert crystals.space_group(cell) == 227
    turned = CUBIC.copy()
    turned.rotate(30, (1, 2, 3), rotate_cell=True)
    np.testing.assert_allclose(np.asarray(crystals.conventional(turned).cell), np.eye(3) * A, atol=1e-9)


def test_the_primitive_cell_is_the_same_crystal_and_does_not_turn():
    turned = CUBIC.copy()
    turned.rotate(30, (1, 2, 3), rotate_cell=True)
    for crystal in (CUBIC, turned):
        found = crystals.primitive(crystal)
        assert len(found) == 2
        steps = np.linalg.solve(np.asarray(found.cell).T, np.asarray(crystal.cell).T)
        np.testing.assert_allclose(steps, steps.round(), atol=1e-9)


def test_a_supercell_keeps_opposite_faces_apart():
    larger = crystals.supercell(PRIMITIVE, 10.0)
    heights = 1 / np.linalg.norm(np.linalg.inv(np.asarray(larger.cell)), axis=0)
    assert (heights >= 10).all()
    assert (heights < 10 + A).all()
    assert len(crystals.supercell(CUBIC, 2 * A)) == 64


def test_an_atom_has_an_energy_in_a_crystal_of_one_element():
    crystals.check_element(CUBIC)
    with pytest.raises(StructureError, match="NaCl is of several elements: the energy of one atom is not"):
        crystals.check_element(bulk("NaCl", "rocksalt", a=5.64))


CLUSTER, LAYER = Atoms("Si2", [[0, 0, 0], [0, 0, 2.3]]), bulk("Si", a=A)
LAYER.pbc = [True, True, False]


@pytest.mark.parametrize(
    "build",
    [
        lambda c: crystals.strained(c, np.zeros(6)),
        crystals.conventional,
        crystals.primitive,
        crystals.space_group,
        lambda c: crystals.supercell(c, 10.0),
    ],
)
@pytest.mark.parametrize(
    ("structure", "words"),
    [
        (CLUSTER, "Si2 has no cell"),
        (LAYER, "Si2 is not periodic in all directions"),
        (Atoms(cell=[3, 3, 3], pbc=True), "this holds none"),
    ],
    ids=["cluster", "layer", "empty"],
)
def test_what_is_no_crystal_is_refused_in_one_line(build, structure, words):
    with pytest.raises(StructureError, match=words):
        build(structure)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: crystals.strained(CUBIC, [-1, 0, 0, 0, 0, 0]), "leave no volume"),
        (lambda: crystals.conventional(Atoms("Si2", cell=[3, 3, 3], pbc=True)), "two atoms in one place"),
    ],
)
def test_what_cannot_be_built_is_said(build, words):
    with pytest.raises(StructureError, match=words):
        build()
