"""Atoms of two structures are matched whatever their order, orientation and image."""

import numpy as np
import pytest
from ase.build import bulk, fcc111, molecule
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.transform import Rotation

from engine.math import match_atoms, match_periodic

RATTLE = 0.05  # Å


def ball(rng, n=12):
    """Atoms at random, none nearer than 2 Å to another, a third of them another element."""
    places = [np.zeros(3)]
    while len(places) < n:
        place = rng.uniform(-4, 4, 3)
        if min(np.linalg.norm(place - other) for other in places) > 2:
            places.append(place)
    return np.array(places), np.where(np.arange(n) % 3 == 2, 16, 47)


def without_motion(displacements, positions):
    """What is left of small displacements when the best shift and turn are taken out."""
    centred = positions - positions.mean(axis=0)
    displacements = displacements - displacements.mean(axis=0)
    generators = np.array([np.cross(axis, centred).ravel() for axis in np.eye(3)])
    turn = np.linalg.lstsq(generators.T, displacements.ravel(), rcond=None)[0]
    return displacements - (turn @ generators).reshape(-1, 3)


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=25, deadline=None)
def test_a_turned_reordered_and_rattled_copy_is_matched_and_gives_its_rattle(seed, mirrored):
    rng = np.random.default_rng(seed)
    positions, numbers = ball(rng)
    rattle = without_motion(rng.normal(0, RATTLE, positions.shape), positions)
    order = rng.permutation(len(numbers))
    turned = (positions - rattle)[order] @ Rotation.random(rng=rng).as_matrix() + rng.normal(0, 9, 3)
    found = match_atoms(positions, numbers, turned * ([-1, 1, 1] if mirrored else 1), numbers[order])
    assert found.mirrored == mirrored
    assert_array_equal(order[found.order], np.arange(len(numbers)))
    # the turn that fits best is of second order in the rattle
    assert_allclose(found.displacements, rattle, atol=RATTLE**2)
    assert_allclose(found.placed + found.displacements, positions, atol=1e-9)
    assert found.rmsd == pytest.approx(np.sqrt((found.distances**2).mean()))


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_the_order_of_the_atoms_changes_no_distance(seed):
    rng = np.random.default_rng(seed)
    (here, numbers), (there, _) = ball(rng), ball(rng)
    first = match_atoms(here, numbers, there, numbers)
    shuffled, also = rng.permutation(len(numbers)), rng.permutation(len(numbers))
    again = match_atoms(here[also], numbers[also], there[shuffled], numbers[shuffled])
    assert again.rmsd == pytest.approx(first.rmsd, abs=1e-6)
    assert_array_equal(np.sort(first.order), np.arange(len(numbers)))
    assert_array_equal(numbers[first.order], numbers)


@pytest.mark.parametrize("name", ["CH4", "C6H6", "C60", "H2O", "CO", "C2H6"])
def test_symmetric_molecules_lie_on_themselves(name):
    atoms, rng = molecule(name), np.random.default_rng(1)
    order = rng.permutation(len(atoms))
    turned = atoms.positions[order] @ Rotation.random(rng=rng).as_matrix()
    found = match_atoms(atoms.positions, atoms.numbers, turned, atoms.numbers[order])
    assert found.rmsd < 1e-3
    assert not found.mirrored


def test_one_atom_lies_on_itself():
    found = match_atoms([[1.0, 2, 3]], [47], [[9.0, 9, 9]], [47])
    assert_allclose(found.placed, [[1, 2, 3]])
    assert found.rmsd == 0


def test_on_a_surface_the_nearest_images_are_matched_and_nothing_turns():
    rng = np.random.default_rng(2)
    slab = fcc111("Ag", (4, 4, 3), vacuum=6.0)
    slab.cell[2] = 0  # no vector where it does not repeat
    rattle = rng.normal(0, RATTLE, slab.positions.shape)
    order = rng.permutation(len(slab))
    images = rng.integers(-2, 3, (len(slab), 2)) @ slab.cell[:2]
    other = (slab.positions - rattle + images)[order]
    found = match_periodic(
        slab.positions, slab.numbers, other, slab.numbers[order], cell=slab.cell, pbc=(True, True, False)
    )
    assert_array_equal(order[found.order], np.arange(len(slab)))
    assert_allclose(found.displacements, rattle, atol=1e-9)


def test_a_crystal_has_no_origin():
    rng = np.random.default_rng(3)
    crystal = bulk("NaCl", "rocksalt", 5.64).repeat(3)  # a skewed cell
    rattle = rng.normal(0, RATTLE, crystal.positions.shape)
    rattle -= rattle.mean(axis=0)
    order = rng.permutation(len(crystal))
    other = (crystal.positions - rattle + [0.3, -0.2, 0.4])[order]
    numbers = crystal.numbers
    found = match_periodic(
        crystal.positions, numbers, other, numbers[order], cell=crystal.cell, pbc=(True,) * 3
    )
    assert_array_equal(order[found.order], np.arange(len(crystal)))
    assert_allclose(found.displacements, rattle, atol=1e-9)
    assert not found.mirrored


@pytest.mark.parametrize("numbers", [[47, 47], [47, 16, 16], []])
def test_other_atoms_cannot_be_matched(numbers):
    places = np.arange(3.0 * len(numbers)).reshape(-1, 3)
    with pytest.raises(ValueError, match=r"of one composition, got 3 and \d"):
        match_atoms(np.eye(3), [47, 47, 16], places, numbers)
