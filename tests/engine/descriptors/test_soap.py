import dscribe.descriptors
import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, fcc111
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.config import DeltaSettings
from engine.descriptors import SOAP
from engine.errors import StructureError
from tests.clusters import random_clusters, rotated

SEEDS = st.integers(0, 2**32 - 1)
AG_S = SOAP(DeltaSettings(), ("Ag", "S"))
CLUSTER = random_clusters("Ag4S2", 1)[0]


def test_two_species_have_63_features_whatever_their_order():
    assert AG_S.n_features == 63
    assert SOAP(DeltaSettings(), ("S", "Ag")) == AG_S
    assert AG_S.features(CLUSTER).shape == (6, 63)


def test_gradient_is_that_of_central_differences():
    features, gradient = AG_S.features_and_gradient(CLUSTER)
    assert gradient.shape == (6, 6, 3, 63)
    np.testing.assert_allclose(features, AG_S.features(CLUSTER), rtol=1e-12)
    step = 1e-4
    for atom in range(6):
        for axis in range(3):
            plus, minus = CLUSTER.copy(), CLUSTER.copy()
            plus.positions[atom, axis] += step
            minus.positions[atom, axis] -= step
            expected = (AG_S.features(plus) - AG_S.features(minus)) / (2 * step)
            np.testing.assert_allclose(gradient[:, atom, axis], expected, atol=1e-6)


def test_features_and_derivatives_are_those_of_dscribe():
    """Also where the cutoff cuts, where an element is missing, and with other expansions."""
    for expansion in ({}, {"n_max": 4, "l_max": 5, "sigma": 0.6, "r_cut": 4.0}, {"n_max": 1, "l_max": 0}):
        soap = SOAP(DeltaSettings(**expansion), ("Ag", "Cu", "S"))
        oracle = dscribe.descriptors.SOAP(
            species=["Ag", "Cu", "S"], periodic=False, **{"r_cut": 7.0, "n_max": 3, "l_max": 2} | expansion
        )
        for cluster in [*random_clusters("AgCu2Ag3S2Ag", 2), *random_clusters("Ag24S12", 1)]:
            expected, features = oracle.derivatives(cluster, method="analytical", attach=True)
            ours, gradient = soap.features_and_gradient(cluster)
            scale = np.abs(features).max()
            np.testing.assert_allclose(ours, features, rtol=1e-9, atol=1e-10 * scale)
            np.testing.assert_allclose(gradient, expected, rtol=1e-8, atol=1e-10 * scale)


def test_contracted_derivatives_are_those_of_the_full_ones():
    structures = [slab(), *random_clusters("Ag4S2", 2), triclinic(), Atoms("S")]
    environments = AG_S.describe(structures)
    slopes = np.random.default_rng(0).normal(size=environments.features.shape)
    parts = np.split(slopes, np.cumsum([len(structure) for structure in structures])[:-1])
    expected = [
        np.einsum("id,ijxd->jx", part, AG_S.features_and_gradient(structure)[1])
        for structure, part in zip(structures, parts, strict=True)
    ]
    scale = np.abs(np.concatenate(expected)).max()
    np.testing.assert_allclose(
        environments.contracted(slopes), np.concatenate(expected), rtol=1e-10, atol=1e-12 * scale
    )


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_features_do_not_see_rotation_and_translation(seed):
    np.testing.assert_allclose(
        AG_S.features(rotated(CLUSTER, seed)), AG_S.features(CLUSTER), rtol=1e-7, atol=1e-7
    )


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_features_follow_a_permutation_of_the_atoms(seed):
    order = np.random.default_rng(seed).permutation(6)
    np.testing.assert_allclose(
        AG_S.features(CLUSTER[order]), AG_S.features(CLUSTER)[order], rtol=1e-9, atol=1e-9
    )


def test_an_unknown_element_is_named():
    with pytest.raises(StructureError, match="CuS holds Cu; this descriptor knows only Ag, S"):
        AG_S.features(Atoms("CuS", positions=[[0, 0, 0], [0, 0, 2]]))


def test_positions_must_be_finite():
    broken = CLUSTER.copy()
    broken.positions[0, 0] = np.nan
    with pytest.raises(StructureError, match="not finite"):
        AG_S.features_and_gradient(broken)


def test_a_periodic_box_is_a_cluster_as_long_as_no_image_is_near():
    boxed = CLUSTER.copy()
    boxed.pbc = True
    boxed.cell = [25, 25, 25]
    np.testing.assert_array_equal(AG_S.features(boxed), AG_S.features(CLUSTER))
    for periodic, finite in zip(
        AG_S.features_and_gradient(boxed), AG_S.features_and_gradient(CLUSTER), strict=True
    ):
        np.testing.assert_array_equal(periodic, finite)


def slab():
    structure = fcc111("Ag", (2, 2, 2), vacuum=8.0, periodic=False)
    add_adsorbate(structure, "S", 1.7, "fcc")
    structure.rattle(0.1, seed=1)
    return structure


def triclinic():
    cell = [[4.1, 0.3, -0.2], [1.2, 4.6, 0.4], [-0.7, 1.1, 5.3]]
    structure = Atoms("Ag2SAg", cell=cell, pbc=True, scaled_positions=np.random.default_rng(3).random((4, 3)))
    structure.positions += [30.0, -7.0, 0.1]  # outside its cell
    return structure


PERIODIC = pytest.mark.parametrize("structure", [slab(), triclinic()], ids=["slab", "triclinic"])


@PERIODIC
def test_periodic_features_are_those_of_dscribe(structure):
    oracle = dscribe.descriptors.SOAP(
        species=["Ag", "S"], r_cut=7.0, n_max=3, l_max=2, sigma=1.0, periodic=True
    )
    np.testing.assert_allclose(AG_S.features(structure), oracle.create(structure), rtol=1e-9, atol=1e-9)


@PERIODIC
def test_periodic_gradient_is_that_of_central_differences(structure):
    features, gradient = AG_S.features_and_gradient(structure)
    np.testing.assert_allclose(features, AG_S.features(structure), rtol=1e-9, atol=1e-9)
    step = 1e-4
    for atom in range(len(structure)):
        for axis in range(3):
            plus, minus = structure.copy(), structure.copy()
            plus.positions[atom, axis] += step
            minus.positions[atom, axis] -= step
            expected = (AG_S.features(plus) - AG_S.features(minus)) / (2 * step)
            np.testing.assert_allclose(gradient[:, atom, axis], expected, atol=1e-5, rtol=1e-6)


@PERIODIC
def test_periodic_features_do_not_see_translation_or_wrapping(structure):
    moved = structure.copy()
    moved.positions += [3.3, -2.1, 0.7]
    moved.wrap()
    np.testing.assert_allclose(AG_S.features(moved), AG_S.features(structure), rtol=1e-8, atol=1e-8)
    _, gradient = AG_S.features_and_gradient(structure)
    np.testing.assert_allclose(gradient.sum(axis=1), 0.0, atol=1e-8)


@PERIODIC
def test_a_supercell_repeats_the_features(structure):
    twice = structure.repeat((2, 1, 1))
    n = len(structure)
    features, gradient = AG_S.features_and_gradient(twice)
    once, once_gradient = AG_S.features_and_gradient(structure)
    np.testing.assert_allclose(features, np.tile(once, (2, 1)), rtol=1e-8, atol=1e-8)
    # both copies of an atom together move as the one of the small cell
    np.testing.assert_allclose(gradient[:n, :n] + gradient[:n, n:], once_gradient, atol=1e-8)


def test_more_atoms_than_are_described_together():
    structure = slab().repeat((2, 1, 1))
    assert len(structure) > 16
    features, gradient = AG_S.features_and_gradient(structure)
    np.testing.assert_allclose(features, AG_S.features(structure), rtol=1e-9, atol=1e-9)
    assert gradient.shape == (18, 18, 3, 63)


def test_the_smallest_cutoff_of_the_settings_is_one_that_dscribe_takes():
    with pytest.raises(ValidationError, match="greater than 1"):
        DeltaSettings(r_cut=1.0)
    assert SOAP(DeltaSettings(r_cut=1.01), ("Ag", "S")).features(CLUSTER).shape == (6, 63)
