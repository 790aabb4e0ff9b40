import pytest
from ase import Atoms

from engine.checks import Fragments
from engine.config import ChecksSettings
from engine.protocols import Flag
from tests.clusters import examined


def look(structure, **limit):
    return Fragments(ChecksSettings(**limit))(examined(structure))


def chain(formula, start, spacing=2.4):
    atoms = Atoms(formula)
    atoms.positions[:, 0] = start + spacing * (1 + 0 * atoms.positions[:, 0]).cumsum()
    return atoms


def test_lists_the_pieces_largest_first():
    structure = chain("Ag2S", 0) + chain("Ag6S3", 30)
    assert look(structure) == Flag("fragments", "2 fragments: Ag6S3 and Ag2S")


def test_three_pieces():
    structure = chain("Ag3", 0) + chain("S", 30) + chain("Ag2", 60)
    assert look(structure).reason == "3 fragments: Ag3, Ag2 and S"


def test_one_piece_passes():
    assert look(chain("Ag8S4", 0)) is None
    assert look(Atoms("Ag")) is None


@pytest.mark.parametrize(("distance", "flagged"), [(3.2, False), (3.3, True)])
def test_the_factor_is_a_part_of_the_covalent_sum(distance, flagged):
    structure = Atoms("AgS", positions=[[0, 0, 0], [0, 0, distance]])  # 1.3 × 2.50 = 3.25
    assert (look(structure) is not None) == flagged
    assert look(structure, fragments=1.4) is None
    assert look(structure, fragments=1.2) is not None


@pytest.mark.parametrize("periodic", [True, False])
def test_bonds_through_the_wall_count_where_the_structure_is_periodic(periodic):
    structure = Atoms("AgS", positions=[[0, 0, 0.5], [0, 0, 18.5]], cell=[20, 20, 20], pbc=periodic)
    assert (look(structure) is None) == periodic
