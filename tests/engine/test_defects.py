"""Defects and surfaces of crystals whose geometry is known."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list

from engine import defects
from engine.errors import StructureError

A = 5.431
PRIMITIVE, CUBIC = bulk("Si", a=A), bulk("Si", a=A, cubic=True)
BOND = np.sqrt(3) / 4 * A
SALT = bulk("NaCl", "rocksalt", a=5.64)


def neighbours(structure, cutoff=1.1 * BOND):
    return np.bincount(neighbor_list("i", structure, cutoff), minlength=len(structure))


def test_a_vacancy_leaves_four_atoms_with_three_bonds():
    found = defects.vacancy(CUBIC.repeat(2), 5)
    assert len(found) == 63
    assert sorted(neighbours(found)) == [3] * 4 + [4] * 59


@pytest.mark.parametrize(
    ("crystal", "site", "size", "count"),
    [
        (CUBIC, "tetrahedral", np.sqrt(3) / 4, 4),
        (CUBIC, "largest", np.sqrt(3) / 4, 4),
        (CUBIC, "hexagonal", np.sqrt(11) / 8, 6),
        (bulk("Cu", a=A, cubic=True), "largest", 1 / 2, 6),
        (bulk("Cu", a=A, cubic=True), "tetrahedral", np.sqrt(3) / 4, 4),
        (bulk("Fe", "bcc", a=A, cubic=True), "largest", np.sqrt(5) / 4, 4),
    ],
)
def test_holes_of_cubic_crystals_are_where_geometry_puts_them(crystal, site, size, count):
    found = defects.interstitial(crystal.repeat(2), site)
    distances = np.sort(found.get_distances(-1, range(len(found) - 1), mic=True))
    np.testing.assert_allclose(distances[:count], size * A, rtol=1e-6)
    assert distances[count] > size * A * 1.01


def test_diamond_has_a_tetrahedral_hole_an_atom_and_two_hexagonal_ones():
    _, coordination = defects.holes(CUBIC)
    assert np.bincount(coordination).tolist() == [0, 0, 0, 0, 8, 0, 16]


@pytest.mark.parametrize(
    ("crystal", "names"),
    [
        (CUBIC, ["tetrahedral", "hexagonal"]),
        (bulk("Cu"), ["octahedral", "tetrahedral"]),
        (bulk("Fe"), ["tetrahedral"]),
        (bulk("Po", "sc", a=3.35), ["largest"]),
    ],
)
def test_the_kinds_of_holes_are_named_largest_first(crystal, names):
    assert defects.sites(crystal) == names


def test_a_dumbbell_sits_about_its_site():
    larger = CUBIC.repeat(2)
    found = defects.dumbbell(larger, 3)
    pair = found.positions[[3, -1]]
    np.testing.assert_allclose(pair.mean(axis=0), larger.positions[3], atol=1e-12)
    np.testing.assert_allclose(pair[0] - pair[1], np.array([1, 1, 0]) / np.sqrt(2) * BOND, atol=1e-9)


@pytest.mark.parametrize(
    ("face", "bonds"),  # that each face cuts in the area a²
    [((1, 0, 0), 4.0), ((1, 1, 0), 4 / np.sqrt(2)), ((1, 1, 1), 4 / np.sqrt(3))],
)
def test_a_face_cuts_as_few_bonds_as_it_can(face, bonds):
    slab = defects.surface(PRIMITIVE, face, thickness=8.0, vacuum=12.0)
    area = slab.get_volume() / slab.cell[2, 2]
    assert (4 * len(slab) - neighbours(slab).sum()) / 2 == pytest.approx(bonds * area / A**2)
    assert slab.pbc.all()
    height = np.ptp(slab.positions[:, 2])
    assert 8 - BOND <= height < 8 + 2 * A
    assert slab.cell[2, 2] - height == pytest.approx(12)


def test_a_compound_says_what_is_added():
    assert defects.interstitial(SALT, element="Na").symbols.get_chemical_formula() == "ClNa2"
    for build in (defects.interstitial, defects.dumbbell):
        with pytest.raises(StructureError, match="NaCl is of several elements: say which one is added"):
            build(SALT)


CLUSTER, LAYER = Atoms("Si2", [[0, 0, 0], [0, 0, 2.3]]), bulk("Si", a=A)
LAYER.pbc = [True, True, False]


@pytest.mark.parametrize(
    "build",
    [
        defects.vacancy,
        defects.interstitial,
        defects.dumbbell,
        lambda c: defects.surface(c, (1, 0, 0), 5.0, 10.0),
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
        (lambda: defects.vacancy(CUBIC, 8), "cannot lose atom 8: it has 8"),
        (lambda: defects.dumbbell(CUBIC, -1), "has no atom -1"),
        (lambda: defects.interstitial(bulk("Fe"), "octahedral"), "Fe has no octahedral hole: none with 6"),
        (lambda: defects.interstitial(CUBIC, "cubic"), "no site 'cubic'; known: largest"),
        (lambda: defects.surface(CUBIC, (0, 0, 0), 5.0, 10.0), "not all zero"),
    ],
)
def test_what_cannot_be_built_is_said(build, words):
    with pytest.raises(StructureError, match=words):
        build()
