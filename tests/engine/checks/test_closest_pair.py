import numpy as np
import pytest
from ase import Atoms

from engine.checks import ClosestPair
from engine.config import ChecksSettings
from engine.protocols import Flag
from tests.clusters import examined


def look(structure, **limit):
    return ClosestPair(ChecksSettings(**limit))(examined(structure))


# covalent radii (Cordero et al. 2008): Ag 1.45, S 1.05 Å


def test_names_the_two_atoms_their_distance_and_its_part_of_the_covalent_sum():
    structure = Atoms("Ag3S5", positions=[[5 * i, 0, 0] for i in range(8)])
    structure.positions[7] = structure.positions[3] + [0, 0, 1.21]
    assert look(structure) == Flag("closest-pair", "S3 and S7 are 1.21 Å apart, 0.58 of their covalent sum")


def test_the_worst_pair_is_the_closest_for_its_elements():
    structure = Atoms("S2Ag2", positions=[[0, 0, 0], [0, 0, 1.2], [9, 0, 0], [9, 0, 1.3]])
    assert look(structure).reason.startswith("Ag2 and Ag3 are 1.30 Å apart, 0.45")


@pytest.mark.parametrize(("distance", "flagged"), [(1.4, True), (1.6, False)])
def test_the_threshold_is_a_part_of_the_covalent_sum(distance, flagged):
    structure = Atoms("AgS", positions=[[0, 0, 0], [0, 0, distance]])  # 0.6 × 2.50 = 1.50
    assert (look(structure) is not None) == flagged
    assert (look(structure, closest_pair=distance / 2.5 + 0.01)) is not None
    assert (look(structure, closest_pair=distance / 2.5 - 0.01)) is None


@pytest.mark.parametrize("periodic", [True, False])
def test_periodic_images_count_where_the_structure_is_periodic(periodic):
    structure = Atoms("AgS", positions=[[0, 0, 0.5], [0, 0, 9.5]], cell=[8, 8, 10], pbc=periodic)
    flag = look(structure)
    assert (flag is not None) == periodic
    if periodic:
        assert flag.reason == "Ag0 and S1 are 1.00 Å apart, 0.40 of their covalent sum"


def test_an_atom_too_close_to_its_own_image():
    structure = Atoms("Ag", cell=[1.0, 9, 9], pbc=True)
    assert look(structure).reason == "Ag0 and its image are 1.00 Å apart, 0.34 of their covalent sum"


def test_touches_nothing_and_passes_what_is_alone():
    structure = Atoms("Ag")
    before = structure.copy()
    assert look(structure) is None
    assert structure == before
    assert np.array_equal(structure.positions, before.positions)
