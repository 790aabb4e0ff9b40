"""The four data sets of a crystal keep to their bounds, whatever the seed and the crystal."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.datasets import DATASETS, LARGE, MIN_DISTANCE, SMALL, random_structures, scaled, volume_series
from engine.errors import StructureError

SILICON = bulk("Si", "diamond", a=5.431, cubic=True)
SALT = bulk("NaCl", "rocksalt", a=5.64)
CRYSTALS = st.sampled_from([SILICON, SALT, SILICON * (1, 1, 3), bulk("Mg")])
SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("kind", DATASETS)
def test_a_data_set_is_as_many_crystals_as_were_asked_for_and_the_same_from_the_same_seed(kind):
    made, again, other = (DATASETS[kind](SILICON, 3, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert made == again
    assert (made != other) == (kind != "volume")
    for structure in made:
        assert structure.info == {"kind": kind}
        assert structure.symbols.get_chemical_formula() == "Si8"
        assert structure.pbc.all()
    assert DATASETS[kind](SILICON, 0, np.random.default_rng(1)) == []


def test_a_volume_series_is_evenly_spaced_and_keeps_every_atom_at_its_place_in_the_cell():
    series = volume_series(SALT, 12, np.random.default_rng(0))
    ratios = [structure.get_volume() / SALT.get_volume() for structure in series]
    np.testing.assert_allclose(ratios, np.linspace(0.75, 1.30, 12))
    for structure in series:
        np.testing.assert_allclose(structure.get_scaled_positions(), SALT.get_scaled_positions(), atol=1e-12)
    (same,) = scaled(SALT, [1.0])
    np.testing.assert_allclose(same.positions, SALT.positions)


@settings(max_examples=30, deadline=None)
@given(CRYSTALS, SEEDS, st.sampled_from([("small", SMALL), ("large", LARGE)]))
def test_a_distortion_moves_and_strains_within_its_bounds(crystal, seed, named):
    kind, bounds = named
    (structure,) = DATASETS[kind](crystal, 1, np.random.default_rng(seed))
    strain = np.linalg.solve(crystal.cell, structure.cell) - np.eye(3)
    np.testing.assert_allclose(strain, strain.T, atol=1e-12)
    assert np.abs(np.linalg.eigvalsh(strain)).max() <= bounds.strain * (1 + 1e-9)
    strained = crystal.positions @ (np.eye(3) + strain)
    moved = np.linalg.norm(structure.positions - strained, axis=1)
    assert moved.max() == pytest.approx(moved.min())
    assert bounds.rattle[0] * (1 - 1e-9) <= moved[0] <= bounds.rattle[1] * (1 + 1e-9)


@settings(max_examples=20, deadline=None)
@given(CRYSTALS, SEEDS)
def test_random_structures_keep_their_atoms_apart_images_among_them(crystal, seed):
    (structure,) = random_structures(crystal, 1, np.random.default_rng(seed))
    assert neighbor_list("d", structure, MIN_DISTANCE).size == 0
    assert 0.8 <= structure.get_volume() / crystal.get_volume() <= 1.4


def test_the_places_of_random_structures_are_uniform():
    rng = np.random.default_rng(0)
    pair = bulk("Si", "diamond", a=5.431)
    places = np.concatenate([s.get_scaled_positions() for s in random_structures(pair, 200, rng)])
    assert np.abs(np.histogram(places, bins=4, range=(0, 1))[0] / places.size - 0.25).max() < 0.05


@pytest.mark.parametrize(
    "crystal",
    [
        Atoms("Al8", cell=[3, 3, 3], pbc=True),
        Atoms("H", cell=[1.5, 8, 8], pbc=True),
        Atoms("H", cell=[[9, 0, 0], [9, 1, 0], [0, 0, 9]], pbc=True),
    ],
    ids=["dense", "thin", "skewed"],
)
def test_atoms_that_do_not_fit_are_told_in_one_line(crystal):
    with pytest.raises(StructureError, match=r"does not fit [\d.]+ Å³ with 1\.8 Å between any two"):
        random_structures(crystal, 1, np.random.default_rng(0))
