import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list

from engine.descriptors import angle_histogram, distance_histogram
from engine.errors import StructureError
from tests.clusters import random_clusters

SILICON = bulk("Si", cubic=True)
TETRAHEDRAL = np.degrees(np.arccos(-1 / 3))


def test_diamond_has_its_shells():
    bond = 5.43 * np.sqrt(3) / 4
    shells = [bond, 5.43 / np.sqrt(2), bond * np.sqrt(11 / 3)]
    edges = np.array([0.0, *(np.array(shells[:-1]) + shells[1:]) / 2, shells[-1] + 0.1])
    np.testing.assert_allclose(distance_histogram([SILICON, SILICON * 2], edges), [4, 12, 12])


def test_diamond_has_one_angle_between_bonds():
    edges = np.array([0.0, TETRAHEDRAL - 0.1, TETRAHEDRAL + 0.1, 180.0])
    np.testing.assert_allclose(angle_histogram([SILICON], edges, 2.6), [0, 6, 0])


def test_distances_are_those_of_ase():
    crystal = SILICON.copy()
    crystal.rattle(0.2, seed=0)
    clusters = random_clusters("Ag4S2", 2)
    edges = np.linspace(0, 6, 31)
    expected = sum(np.histogram(neighbor_list("d", s, 6.0), edges)[0] for s in (crystal, *clusters))
    np.testing.assert_allclose(distance_histogram([crystal, *clusters], edges), expected / 20)


def test_a_bent_molecule_and_a_straight_one():
    water = Atoms("OH2", [[0, 0, 0], [1, 0, 0], [0, 1, 0]])
    line = Atoms("CO2", [[0, 0, 0], [1.2, 0, 0], [-1.2, 0, 0]])
    edges = np.array([0.0, 80.0, 100.0, 170.0, 180.0])
    np.testing.assert_allclose(angle_histogram([water, line], edges, 1.3), [0, 1 / 6, 0, 1 / 6])


def test_no_atom_no_histogram():
    for nothing in ([], [Atoms()]):
        with pytest.raises(StructureError, match="needs at least one atom"):
            distance_histogram(nothing, np.array([0.0, 6.0]))
        with pytest.raises(StructureError, match="needs at least one atom"):
            angle_histogram(nothing, np.array([0.0, 180.0]), 3.0)
