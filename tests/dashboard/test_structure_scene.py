"""What the viewer is told to draw: bonds, cell, arrows, colours and the first look."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.neighborlist import natural_cutoffs, neighbor_list
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from dashboard.plots.structure_scene import (
    BOND_TOLERANCE,
    LONGEST_ARROW,
    arrow_tips,
    bonds,
    cell_edges,
    first_view,
    map_colors,
    moved,
    scene,
)

FLOAT32 = 1e-5
"""Relative rounding of coordinates of a few Å in single precision."""
TRICLINIC = np.array([(6.0, 0.0, 0.0), (2.0, 5.5, 0.0), (1.0, 1.5, 5.0)])


def triclinic() -> Atoms:
    places = [(0.1, 0.1, 0.1), (0.5, 0.5, 0.5), (0.75, 0.3, 0.6)]
    return Atoms("Ag2S", scaled_positions=places, cell=TRICLINIC, pbc=True)


def neighbours_inside_the_cell(atoms: Atoms) -> np.ndarray:
    i, j, shift = neighbor_list("ijS", atoms, natural_cutoffs(atoms, mult=BOND_TOLERANCE))
    inside = (i < j) & (shift == 0).all(axis=1)
    pairs = np.stack([i, j], axis=1)[inside]
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def test_water_has_two_bonds() -> None:
    assert_array_equal(bonds(molecule("H2O")), [(0, 1), (0, 2)])


@pytest.mark.parametrize("n", [0, 1])
def test_nothing_to_bond(n: int) -> None:
    assert bonds(Atoms("Ag" * n, np.zeros((n, 3)))).shape == (0, 2)


@pytest.mark.parametrize(
    "atoms",
    [
        molecule("C6H6"),
        fcc111("Ag", (3, 3, 3), vacuum=6.0),
        bulk("NaCl", "rocksalt", 5.64, cubic=True),
        triclinic(),
    ],
)
def test_bonds_are_those_of_ase_inside_the_cell(atoms: Atoms) -> None:
    assert_array_equal(bonds(atoms), neighbours_inside_the_cell(atoms))


def test_no_bond_runs_through_the_cell() -> None:
    atoms = Atoms("Ag2", [(0.2, 5, 5), (9.8, 5, 5)], cell=[10, 10, 10], pbc=True)
    assert len(bonds(atoms)) == 0


@given(st.lists(st.tuples(*[st.floats(-4, 4)] * 3), min_size=2, max_size=12))
def test_bonds_are_ascending_pairs_without_repeats(places: list[tuple[float, float, float]]) -> None:
    pairs = bonds(Atoms("Ag" * len(places), places))
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert [tuple(p) for p in pairs] == sorted({tuple(p) for p in pairs})


def test_a_cell_has_twelve_edges_of_three_lengths() -> None:
    edges = cell_edges(TRICLINIC)
    lengths = np.linalg.norm(edges[:, 1] - edges[:, 0], axis=1)
    assert edges.shape == (12, 2, 3)
    assert_allclose(np.sort(lengths), np.sort(np.repeat(np.linalg.norm(TRICLINIC, axis=1), 4)))
    corners = {tuple(np.round(corner, 9)) for corner in edges.reshape(-1, 3)}
    assert len(corners) == 8


def test_a_flat_cell_is_not_drawn() -> None:
    assert len(cell_edges(np.diag([5.0, 5.0, 0.0]))) == 0


def test_triclinic_structures_stay_in_their_frame() -> None:
    atoms = triclinic()
    drawn = scene(atoms)
    assert_allclose(drawn["positions"].reshape(-1, 3), atoms.positions, rtol=FLOAT32)
    ends = drawn["cell"].reshape(12, 2, 3)
    assert_allclose(ends[0], [(0, 0, 0), TRICLINIC[0]], rtol=FLOAT32)
    assert_allclose(drawn["center"], TRICLINIC.sum(axis=0) / 2)


def test_arrows_point_along_the_forces_in_the_drawn_frame() -> None:
    atoms, forces = triclinic(), np.array([(1.0, -2.0, 0.5), (0.0, 0.0, 0.0), (-0.3, 0.1, 3.0)])
    drawn = scene(atoms, forces=forces, force_scale=0.7)
    arrows = drawn["tips"].reshape(-1, 3) - drawn["positions"].reshape(-1, 3)
    assert_allclose(arrows, 0.7 * forces, atol=1e-6)
    assert drawn["force_max"] == pytest.approx(np.linalg.norm(forces, axis=1).max())


CELLS = st.tuples(*[st.floats(-3, 3)] * 6).map(
    lambda t: np.array([(5 + t[0], 0, 0), (t[1], 5 + t[2], 0), (t[3], t[4], 5 + t[5])])
)
VECTORS = st.lists(st.tuples(*[st.floats(-30, 30)] * 3), min_size=3, max_size=3).map(np.array)


@given(CELLS, st.integers(0, 2**32 - 1), VECTORS, st.none() | st.floats(0.01, 10))
def test_tip_minus_atom_is_the_scaled_force_in_every_triclinic_cell(cell, seed, forces, scale) -> None:
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]  # the cell in any orientation, also a mirrored one
    atoms = Atoms("Ag2S", scaled_positions=rng.random((3, 3)), cell=cell @ turn, pbc=True)
    drawn = scene(atoms, forces=forces, force_scale=scale)
    places, tips = (drawn[name].reshape(-1, 3).astype(float) for name in ("positions", "tips"))
    assert_allclose(places, atoms.positions, atol=1e-5)
    assert_allclose(tips - places, drawn["force_scale"] * forces, atol=1e-4, rtol=1e-5)
    if scale is None and np.linalg.norm(forces, axis=1).max() > 1e-3:
        assert np.linalg.norm(tips - places, axis=1).max() == pytest.approx(LONGEST_ARROW, abs=1e-4)


def test_moved_atoms_differ_in_coordinates_alone() -> None:
    before = triclinic()
    after = before.copy()
    after.rattle(0.02, seed=1)
    forces, values = np.ones((3, 3)), [0.1, 0.2, 0.3]
    change = moved(scene(before, values, forces, id="a"), scene(after, values, forces, id="b"))
    assert change is not None
    assert change.keys() <= {"id", "positions", "tips", "radius"}
    assert_allclose(change["positions"].reshape(-1, 3), after.positions, rtol=FLOAT32)


def test_what_is_no_longer_known_is_forgotten_and_other_atoms_are_no_motion() -> None:
    atoms = triclinic()
    assert moved(scene(atoms, values=[1, 2, 3]), scene(atoms))["value_colors"] is None
    other, stretched = atoms.copy(), atoms.copy()
    other.symbols[0] = "Cu"
    stretched.set_cell(1.1 * TRICLINIC)
    assert moved(scene(atoms), scene(other)) is None
    assert moved(scene(atoms), scene(stretched)) is None


def test_the_longest_arrow_has_a_fixed_length_and_none_is_no_error() -> None:
    forces = np.array([(0.0, 0.0, 4.0), (1.0, 0.0, 0.0)])
    tips, scale = arrow_tips(np.zeros((2, 3)), forces)
    assert np.linalg.norm(tips, axis=1).max() == pytest.approx(LONGEST_ARROW)
    assert_allclose(tips, scale * forces)
    assert_array_equal(arrow_tips(np.ones((2, 3)), np.zeros((2, 3)))[0], np.ones((2, 3)))


def test_no_cell_around_a_cluster() -> None:
    atoms = molecule("CH4")
    atoms.center(vacuum=5.0)
    drawn = scene(atoms)
    assert drawn["cell"].size == 0
    assert_allclose(drawn["center"], atoms.positions.mean(axis=0))


def test_everything_drawn_is_within_the_radius() -> None:
    for atoms in (triclinic(), molecule("C6H6")):
        drawn = scene(atoms)
        shown = np.concatenate([drawn["positions"], drawn["cell"]]).reshape(-1, 3)
        assert (np.linalg.norm(shown - drawn["center"], axis=1) <= drawn["radius"]).all()


@pytest.mark.parametrize("atoms", [triclinic(), molecule("C6H6"), Atoms("Ag"), molecule("N2")])
def test_the_first_view_is_a_rotation(atoms: Atoms) -> None:
    view = first_view(atoms)
    assert_allclose(view @ view.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(view) == pytest.approx(1.0)


def test_a_cluster_is_seen_from_its_flat_side() -> None:
    benzene = molecule("C6H6")
    benzene.rotate(40, "x")
    turned = benzene.positions @ first_view(benzene).T
    assert np.ptp(turned[:, 2]) == pytest.approx(0.0, abs=1e-6)


def test_c_points_up_in_a_crystal() -> None:
    up = np.array([0.0, 0.0, 1.0]) @ first_view(triclinic()).T
    assert up[1] > 0.9


def test_colours_run_from_dark_to_bright_and_are_clipped() -> None:
    rgb = map_colors([-1.0, 0.0, 0.5, 1.0, 9.0], 0.0, 1.0)
    assert_array_equal(rgb[0], rgb[1])
    assert_array_equal(rgb[3], rgb[4])
    assert (np.diff(rgb[1:4].sum(axis=1)) > 0).all()
    assert_array_equal(map_colors([2.0, 2.0], 2.0, 2.0), map_colors([0.5, 0.5], 0.0, 1.0))


def test_values_carry_their_range_and_unit() -> None:
    drawn = scene(molecule("H2O"), values=[0.1, 0.4, 0.2], id="c-000007")
    assert drawn["id"] == "c-000007"
    assert drawn["value_range"] == [0.1, 0.4]
    assert drawn["value_unit"] == "eV"
    assert drawn["value_colors"].dtype == np.float32
    assert scene(molecule("H2O"), values=[0.1, 0.4, 0.2], value_range=(0, 2))["value_range"] == [0.0, 2.0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"values": [1.0]}, "got 1 for 3 atoms"),
        ({"forces": np.zeros((2, 3))}, "got 2 for 3 atoms"),
        ({"values": [0.0, np.nan, 1.0]}, "got nan"),
    ],
)
def test_wrong_numbers_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        scene(molecule("H2O"), **options)


def test_an_empty_structure_is_refused() -> None:
    with pytest.raises(ValueError, match="empty structure"):
        scene(Atoms())


def test_arrays_are_single_precision_and_the_atoms_untouched() -> None:
    atoms = triclinic()
    before = atoms.copy()
    drawn = scene(atoms, values=[1, 2, 3], forces=np.ones((3, 3)))
    assert {drawn[name].dtype for name in ("positions", "colors", "radii", "tips", "cell")} == {
        np.dtype(np.float32)
    }
    assert atoms == before
