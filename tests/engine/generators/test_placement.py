import numpy as np
import pytest
from ase.data import covalent_radii
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import SystemSettings
from engine.errors import StructureError
from engine.generators import place
from engine.space import Space

SYSTEM = Space.of(SystemSettings())
BOND = (0.75, 1.25)
SEEDS = st.integers(0, 2**32 - 1)


def ratios(structure):
    """Distances in units of the covalent sums, inf on the diagonal."""
    radii = covalent_radii[structure.numbers]
    with np.errstate(divide="ignore"):
        return structure.get_all_distances() / np.add.outer(radii, radii) + np.diag([np.inf] * len(radii))


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from(["Ag8S4", "Ag4S2", "Ag16S8", "S", "H2O"]))
def test_a_placed_cluster_is_bonded_apart_and_confined(seed, formula):
    space = Space.of(SystemSettings(composition=formula))
    structure = place(space, BOND, 100, np.random.default_rng(seed))
    assert structure.get_chemical_formula(mode="reduce") == formula
    assert not structure.pbc.any()
    np.testing.assert_array_equal(structure.cell.lengths(), [20, 20, 20])
    assert np.abs(structure.positions - 10).max() <= 7.5 + 1e-12
    if len(structure) > 1:
        assert ratios(structure).min() >= BOND[0] - 1e-12
        assert ratios(structure).min(axis=1).max() <= BOND[1] + 1e-12


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_bonds_connect_the_whole_cluster(seed):
    bonded = ratios(place(SYSTEM, BOND, 100, np.random.default_rng(seed))) <= BOND[1] + 1e-12
    reached = np.linalg.matrix_power(bonded.astype(float) + np.eye(12), 11) > 0
    assert reached.all()


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_same_generator_same_structure(seed):
    first, again, next_one = (place(SYSTEM, BOND, 100, rng) for rng in _twice_and_on(seed))
    assert first == again
    assert np.abs(first.positions - next_one.positions).max() > 0.1


def _twice_and_on(seed):
    rng = np.random.default_rng(seed)
    return np.random.default_rng(seed), rng, rng


def test_the_order_of_placing_is_shuffled():
    """The first atom sits in the middle of the box: silver and sulfur take turns."""
    rng = np.random.default_rng(0)
    middle = set()
    for _ in range(40):
        structure = place(SYSTEM, BOND, 100, rng)
        (first,) = np.flatnonzero((structure.positions == 10).all(axis=1))
        middle.add(structure.symbols[first])
    assert middle == {"Ag", "S"}


def test_a_tight_cube_is_respected():
    space = Space.of(SystemSettings(composition="Ag8", confinement=5.0))
    for seed in range(5):
        structure = place(space, BOND, 100, np.random.default_rng(seed))
        assert np.abs(structure.positions - 10).max() <= 2.5


def test_what_does_not_fit_is_said():
    space = Space.of(SystemSettings(composition="Ag8S4", confinement=2.0))
    with pytest.raises(
        StructureError, match=r"Ag8S4 does not fit a cube of 2\.0 Å with bonds of 0\.75 to 1\.25"
    ):
        place(space, BOND, 5, np.random.default_rng(0))
