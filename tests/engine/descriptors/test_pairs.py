import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list

from engine.descriptors import all_pairs, neighbours
from engine.errors import StructureError


def test_a_cluster_has_no_images():
    cluster = Atoms("Ag2", positions=[[0, 0, 0], [0, 0, 2.5]], cell=[3, 3, 3])
    pairs = all_pairs([cluster], 9.0)
    np.testing.assert_array_equal(pairs.center, [0, 0, 1, 1])
    np.testing.assert_array_equal(pairs.neighbour, [0, 1, 0, 1])
    np.testing.assert_array_equal(pairs.vectors[2], [0, 2.5, -2.5, 0])


def test_neighbours_come_kind_by_kind():
    chain = Atoms("SAgSAg", positions=[[0, 0, z] for z in range(4)])
    (pairs,) = neighbours([chain], 1.5, np.array([1, 0, 1, 0]))
    np.testing.assert_array_equal(pairs.center, [0, 0, 1, 1, 1, 2, 2, 2, 3, 3])
    np.testing.assert_array_equal(pairs.neighbour, [1, 0, 1, 0, 2, 1, 3, 2, 3, 2])


def test_atoms_of_many_structures_are_numbered_through():
    rng = np.random.default_rng(0)
    clusters = [Atoms(f"Ag{n}", positions=rng.uniform(0, 6, (n, 3))) for n in (30, 30, 2, 130, 30)]
    pairs, first = all_pairs(clusters, 4.0), 0
    for cluster in clusters:
        alone = all_pairs([cluster], 4.0)
        own = (pairs.center >= first) & (pairs.center < first + len(cluster))
        np.testing.assert_array_equal(pairs.center[own] - first, alone.center)
        np.testing.assert_array_equal(pairs.neighbour[own] - first, alone.neighbour)
        np.testing.assert_array_equal(pairs.vectors[:, own], alone.vectors)
        first += len(cluster)


@pytest.mark.parametrize("reach", [3.0, 6.0, 9.5])
def test_every_image_within_reach_once_and_none_beyond(reach):
    triclinic = Atoms("Ag2SAg", cell=[[4.1, 0.3, -0.2], [1.2, 4.6, 0.4], [-0.7, 1.1, 5.3]], pbc=True)
    triclinic.set_scaled_positions(np.random.default_rng(3).random((4, 3)))
    triclinic.positions += [30.0, -7.0, 0.1]  # outside its cell
    crystal = bulk("Si")
    crystal.rattle(0.05, seed=0)
    for structure in (triclinic, crystal):
        pairs = all_pairs([structure], reach)
        found = np.column_stack([pairs.center, pairs.neighbour, *pairs.vectors.round(6)])
        center, neighbour, vectors = neighbor_list("ijD", structure, reach)
        atoms = np.arange(len(structure))
        itself = np.column_stack([atoms, atoms, np.zeros((len(structure), 3))])
        expected = np.vstack([np.column_stack([center, neighbour, vectors.round(6)]), itself])
        assert len(found) == len(expected)
        np.testing.assert_allclose(_sorted(found), _sorted(expected), atol=2e-6)


def _sorted(rows):
    return rows[np.lexsort((rows + 0.0).T[::-1].round(4))]


def test_a_wire_is_repeated_along_its_axis_only():
    wire = Atoms("Ag", cell=[0, 0, 2.5], pbc=[False, False, True])
    vectors = all_pairs([wire], 6.0).vectors
    np.testing.assert_allclose(np.sort(vectors[2]), [-5, -2.5, 0, 2.5, 5])
    np.testing.assert_array_equal(vectors[:2], 0.0)


@pytest.mark.parametrize("cell", [[0, 3, 3], [[3, 0, 0], [3, 0, 0], [0, 0, 3]]])
def test_a_flat_cell_is_said(cell):
    with pytest.raises(StructureError, match="periodic along a vector that its cell does not have"):
        all_pairs([Atoms("Ag", cell=cell, pbc=True)], 5.0)
