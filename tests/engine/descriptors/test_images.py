import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from engine.descriptors import fold_images, with_images
from engine.errors import StructureError


def test_a_cluster_has_no_images():
    cluster = Atoms("Ag2", positions=[[0, 0, 0], [0, 0, 2.5]], cell=[3, 3, 3])
    alone, home = with_images(cluster, 9.0)
    np.testing.assert_array_equal(alone.positions, cluster.positions)
    np.testing.assert_array_equal(home, [0, 1])


def test_every_image_within_reach_once_and_none_beyond():
    crystal = bulk("Si")
    crystal.rattle(0.05, seed=0)
    cluster, home = with_images(crystal, 6.0)
    shifts = np.array(np.meshgrid(*3 * [range(-5, 6)])).reshape(3, -1).T @ crystal.cell.array
    everywhere = (crystal.positions[:, None] + shifts).reshape(-1, 3)
    distance = np.linalg.norm(everywhere[:, None] - crystal.positions, axis=2).min(axis=1)
    expected = everywhere[distance < 6.0]
    np.testing.assert_allclose(
        np.sort(cluster.positions.round(6), axis=0), np.sort(expected.round(6), axis=0), atol=2e-6
    )
    np.testing.assert_array_equal(cluster.numbers, crystal.numbers[home])
    np.testing.assert_array_equal(home[:2], [0, 1])


def test_a_wire_is_repeated_along_its_axis_only():
    wire = Atoms("Ag", cell=[0, 0, 2.5], pbc=[False, False, True])
    cluster, _ = with_images(wire, 6.0)
    np.testing.assert_allclose(np.sort(cluster.positions[:, 2]), [-5, -2.5, 0, 2.5, 5])
    np.testing.assert_array_equal(cluster.positions[:, :2], 0.0)


def test_derivatives_go_home():
    gradient = np.arange(10.0).reshape(2, 5)
    np.testing.assert_array_equal(
        fold_images(gradient, np.array([0, 1, 1, 0, 1])), [[0 + 3, 1 + 2 + 4], [5 + 8, 6 + 7 + 9]]
    )


@pytest.mark.parametrize("cell", [[0, 3, 3], [[3, 0, 0], [3, 0, 0], [0, 0, 3]]])
def test_a_flat_cell_is_said(cell):
    with pytest.raises(StructureError, match="periodic along a vector that its cell does not have"):
        with_images(Atoms("Ag", cell=cell, pbc=True), 5.0)
