"""Boxes and surfaces: where atoms may be put, and how far they are from each other."""

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc100, fcc111
from ase.constraints import FixAtoms
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.campaigns import start_structure
from engine.config import BasinHoppingSettings, SlabSettings, SystemSettings
from engine.errors import StructureError
from engine.generators import place
from engine.generators.hop import hop
from engine.space import Space

BOND = (0.75, 1.25)
SEEDS = st.integers(0, 2**32 - 1)


def surface(composition="S4", **slab):
    return SystemSettings(composition=composition, slab=SlabSettings(**{"surface": "fcc111", **slab}))


def test_a_box_is_empty_and_its_region_a_cube():
    space = Space.of(SystemSettings(composition="Ag8S4", cell=(20, 22, 24), confinement=10))
    assert len(space.substrate) == 0
    np.testing.assert_array_equal(space.middle, [10, 11, 12])
    assert space.holds(np.array([[5, 6, 7], [15, 16, 17], [4.9, 6, 7], [10, 11, 17.1]])).tolist() == [
        True,
        True,
        False,
        False,
    ]
    assert space.symbols == ("Ag", "S")


@pytest.mark.parametrize(("name", "build"), [("fcc111", fcc111), ("fcc100", fcc100)])
def test_a_surface_is_the_one_that_ase_builds_fixed_below(name, build):
    slab = SlabSettings(surface=name, size=(3, 2, 4), fixed_layers=3, height=4.0, vacuum=9.0)
    space = Space.of(SystemSettings(composition="S", slab=slab))
    expected = build("Ag", (3, 2, 4), a=4.09)
    np.testing.assert_allclose(
        space.substrate.positions - space.substrate.positions[0], expected.positions - expected.positions[0]
    )
    np.testing.assert_allclose(space.substrate.cell[:2], expected.cell[:2])
    assert space.substrate.pbc.tolist() == [True, True, False]
    assert space.substrate.constraints[0].index.tolist() == list(range(18))
    assert space.top.tolist() == list(range(18, 24))
    top = space.substrate.positions[:, 2].max()
    assert space.high[2] == pytest.approx(top + 4.0)
    assert space.substrate.cell[2].tolist() == pytest.approx([0, 0, top + 13.0])
    assert space.low[2] == pytest.approx(space.substrate.positions[17, 2])


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.sampled_from(["fcc111", "fcc100"]), st.integers(1, 4))
def test_distances_are_those_to_the_nearest_image_however_far_atoms_have_strayed(seed, name, edge):
    space = Space.of(surface(surface=name, size=(edge, edge, 2), fixed_layers=1))
    rng = np.random.default_rng(seed)
    atoms = Atoms("S6", rng.uniform(-30, 30, (6, 3)), cell=space.substrate.cell, pbc=(True, True, False))
    expected = atoms.get_distances(0, range(1, 6), mic=True)
    np.testing.assert_allclose(space.distances(atoms.positions[0], atoms.positions[1:]), expected, atol=1e-9)


def shortest(structure):
    """Shortest distance of two atoms or their images, in units of the covalent sum."""
    i, j, d = neighbor_list("ijd", structure, 4.0)
    radii = covalent_radii[structure.numbers]
    return (d / (radii[i] + radii[j])).min()


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sampled_from(["fcc111", "fcc100"]))
def test_what_is_placed_stands_bonded_above_the_surface_also_across_the_edges(seed, name):
    space = Space.of(surface("S4", surface=name, size=(3, 3, 3)))
    structure = place(space, BOND, 100, np.random.default_rng(seed))
    assert structure.get_chemical_formula(mode="reduce") == "Ag27S4"
    np.testing.assert_array_equal(structure.positions[:27], space.substrate.positions)
    assert space.holds(structure.positions[27:]).all()
    assert shortest(structure) >= 0.75 - 1e-9
    for k in range(27, 31):
        others = np.arange(31) != k
        ratio = space.distances(structure.positions[k], structure.positions[others])
        ratio /= covalent_radii[structure.numbers[others]] + covalent_radii[16]
        assert ratio.min() <= 1.25 + 1e-9


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_hops_move_only_what_is_free_and_keep_their_distance_across_the_edges(seed):
    space = Space.of(surface("S4", size=(3, 3, 3)))
    rng = np.random.default_rng(seed)
    before = place(space, BOND, 100, rng)
    after = hop(before, 3.0, BasinHoppingSettings(fraction=1.0), space, rng)
    np.testing.assert_array_equal(after.positions[:18], before.positions[:18])
    assert np.abs(after.positions[18:] - before.positions[18:]).max() > 0.1
    assert space.holds(after.positions[18:]).all()
    assert shortest(after) >= 0.75 - 1e-9


def own(tmp_path, slab, **settings):
    ase.io.write(tmp_path / "mine.traj", slab)
    chosen = SlabSettings(surface="file", file="mine.traj", **settings)
    return Space.of(SystemSettings(composition="S2", slab=chosen), tmp_path)


def test_a_slab_of_one_s_own_keeps_its_atoms_its_cell_and_what_it_fixes(tmp_path):
    slab = fcc100("Cu", (2, 2, 3), vacuum=8.0)
    slab.pbc = True
    free = own(tmp_path, slab, fixed_layers=1)
    assert free.substrate.constraints[0].index.tolist() == [0, 1, 2, 3]
    slab.set_constraint(FixAtoms([0, 5]))
    space = own(tmp_path, slab, fixed_layers=1)
    assert space.substrate.constraints[0].index.tolist() == [0, 5]
    np.testing.assert_allclose(np.diff(space.substrate.positions, axis=0), np.diff(slab.positions, axis=0))
    np.testing.assert_allclose(space.substrate.cell[:2], slab.cell[:2])
    assert space.symbols == ("Cu", "S")


def test_a_file_that_is_no_slab_is_told_in_one_line(tmp_path):
    cluster = Atoms("Cu2", [[0, 0, 0], [0, 0, 2.5]])
    with pytest.raises(StructureError, match=r"mine\.traj is not periodic along a and b"):
        own(tmp_path, cluster)
    tilted = fcc100("Cu", (2, 2, 3), vacuum=8.0)
    tilted.rotate(30, "x", rotate_cell=True)
    with pytest.raises(StructureError, match="a slab's surface looks along z"):
        own(tmp_path, tilted)
    cut = fcc100("Cu", (2, 2, 3), vacuum=8.0)
    cut.positions[:4, 2] += cut.cell[2, 2]
    with pytest.raises(StructureError, match="of nothing inside: shift it along z"):
        own(tmp_path, cut)


@pytest.mark.parametrize(
    ("slab", "words"),
    [
        ({"surface": "file"}, "go together"),
        ({"file": "a.xyz"}, "go together"),
        ({"surface": "fcc111", "fixed_layers": 4}, "4 of 3 layers cannot be fixed"),
        ({"surface": "fcc111", "size": (99, 99, 99)}, "at most 10000 atoms"),
        ({"lattice_constant": 400.0}, "less than or equal to 100"),
        ({"element": "Xx"}, "there is no element 'Xx'"),
        ({"surface": "fcc112"}, "fcc111"),
    ],
)
def test_slabs_that_cannot_be_are_refused(slab, words):
    with pytest.raises(ValueError, match=words):
        SlabSettings(**slab)


def test_a_molecule_to_start_from_is_put_above_the_surface(tmp_path):
    ase.io.write(tmp_path / "s2.xyz", Atoms("S2", [[5, 5, 0], [5, 5, 1.9]]))
    system = SystemSettings(
        composition="S2", start="s2.xyz", slab=SlabSettings(surface="fcc111", size=(3, 3, 2), fixed_layers=1)
    )
    start = start_structure(tmp_path, system)
    space = Space.of(system)
    assert start.get_chemical_formula(mode="reduce") == "Ag18S2"
    assert start.constraints[0].index.tolist() == list(range(9))
    assert space.holds(start.positions[18:]).all()
    assert 0.9 < shortest(start) < 1.3
    np.testing.assert_allclose(start.positions[18:, :2].mean(axis=0), space.middle[:2])
    low = system.model_copy(update={"slab": system.slab.model_copy(update={"height": 3.0})})
    with pytest.raises(StructureError, match=r"s2\.xyz reaches 1\.. Å too high .* enlarge slab\.height"):
        start_structure(tmp_path, low)


def test_a_surface_is_said_in_words():
    assert surface("S4").words == "S4 on Ag(111), coverage 1/4"
    assert surface("S", surface="fcc100", size=(2, 2, 3)).words == "S on Ag(100), coverage 1/4"
    assert SystemSettings(composition="Ag2S").words == "Ag2S"
    assert surface("S4").n_atoms == 52
