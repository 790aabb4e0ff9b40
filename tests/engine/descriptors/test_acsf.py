import dscribe.descriptors
import numpy as np
import pytest
import torch
from ase import Atoms
from ase.build import bulk, fcc111

from assets import asset
from engine.config import AngularGrid, SymmetryFunctions
from engine.descriptors.acsf import ACSF
from engine.errors import ConfigError, StructureError
from engine.math import strain_tensor
from tests.clusters import random_clusters, rotated

ASSUMED = SymmetryFunctions.read(asset("descriptors/assumed-37.toml"))
FEW = SymmetryFunctions(
    r_cut=5.0,
    g2=((0.05, 0.0), (4.0, 2.35)),
    g4=AngularGrid(eta=(0.01,), zeta=(1.0, 2.5), **{"lambda": (1.0, -1.0)}),
)
CLUSTER = random_clusters("Ag4S2", 1)[0]


def silicon():
    crystal = bulk("Si", cubic=True)
    crystal.set_cell(
        crystal.cell.array @ np.array([[1, 0.05, 0], [0, 0.97, 0.1], [0, 0, 1.03]]), scale_atoms=True
    )
    crystal.rattle(0.1, seed=1)
    return crystal


def slab():
    surface = fcc111("Ag", (2, 2, 2), vacuum=6.0)
    surface.numbers[-1] = 16
    surface.rattle(0.1, seed=2)
    return surface


STRUCTURES = {"cluster": CLUSTER, "triclinic crystal": silicon(), "slab": slab()}


def dscribes(structure, functions, species):
    """The oracle; it puts a sum of cut-offs in front of each species' radial functions."""
    oracle = dscribe.descriptors.ACSF(
        species=species,
        r_cut=functions.r_cut,
        g2_params=[list(radial) for radial in functions.g2],
        g4_params=[list(angular) for angular in functions.angular],
        periodic=bool(structure.pbc.any()),
    )
    n_radial = len(functions.g2)
    ours = np.ones(oracle.get_number_of_features(), dtype=bool)
    ours[[s * (n_radial + 1) for s in range(len(species))]] = False
    return oracle.create(structure)[:, ours]


def test_the_assumed_set_has_37_functions_for_silicon():
    assert (len(ASSUMED.g2), len(ASSUMED.angular)) == (13, 24)
    assert ACSF(ASSUMED, ("Si",)).n_features == 37
    assert len(set(ASSUMED.g2)) == 13


@pytest.mark.parametrize("functions", [ASSUMED, FEW], ids=["assumed-37", "few"])
@pytest.mark.parametrize("name", STRUCTURES)
def test_features_are_those_of_dscribe(name, functions):
    structure = STRUCTURES[name]
    species = tuple(sorted(set(structure.symbols)))
    ours = ACSF(functions, species)
    (features,) = ours.features([structure])
    assert features.shape == (len(structure), ours.n_features)
    np.testing.assert_allclose(features, dscribes(structure, functions, ours.species), atol=1e-10)


def dense(described):
    """(n, n, 3, d) of dG_i/dr_j, by directions along which one atom moves."""
    n, d = described.features.shape
    moves = torch.eye(3 * n, dtype=torch.float64).reshape(3 * n, n, 3)
    return described.directional(moves).reshape(n, 3, n, d).permute(2, 0, 1, 3).numpy()


@pytest.mark.parametrize("name", STRUCTURES)
def test_gradient_is_that_of_central_differences(name):
    structure = STRUCTURES[name]
    acsf = ACSF(FEW, tuple(set(structure.symbols)))
    gradient = dense(acsf.environments([structure]))
    step = 1e-5
    for atom in (0, len(structure) - 1):
        for axis in range(3):
            plus, minus = structure.copy(), structure.copy()
            plus.positions[atom, axis] += step
            minus.positions[atom, axis] -= step
            up, down = acsf.features([plus, minus])
            np.testing.assert_allclose(gradient[:, atom, axis], (up - down) / (2 * step), atol=1e-7)


@pytest.mark.parametrize("name", STRUCTURES)
def test_changes_under_strain_are_those_of_central_differences(name):
    structure = STRUCTURES[name]
    acsf = ACSF(FEW, tuple(set(structure.symbols)))
    strains = strain_tensor(np.eye(6))
    changes = acsf.environments([structure]).strained(torch.as_tensor(strains)).numpy()
    step = 1e-5
    for strain, change in zip(strains, changes, strict=True):
        both = []
        for sign in (1, -1):
            matrix = np.eye(3) + sign * step * strain
            copy = structure.copy()
            copy.set_cell(copy.cell.array @ matrix)
            copy.positions = copy.positions @ matrix
            both.append(copy)
        up, down = acsf.features(both)
        np.testing.assert_allclose(change, (up - down) / (2 * step), atol=1e-6)


@pytest.mark.parametrize("name", STRUCTURES)
def test_what_depends_on_features_has_their_gradient_and_virial(name):
    structure = STRUCTURES[name]
    acsf = ACSF(FEW, tuple(set(structure.symbols)))
    described = acsf.environments([structure, structure])
    slope = torch.randn(2, *described.features.shape, dtype=torch.float64)
    gradient, virial = described.contracted(slope)
    n = len(structure)
    expected = np.einsum("knf,njxf->kjx", slope[:, :n], dense(acsf.environments([structure])))
    np.testing.assert_allclose(gradient[:, :n], expected, atol=1e-10)
    step = 1e-5
    for x in range(3):
        for y in range(3):
            strained = []
            for sign in (1, -1):
                matrix = np.eye(3)
                matrix[x, y] += sign * step
                copy = structure.copy()
                copy.set_cell(copy.cell.array @ matrix.T)
                copy.positions = structure.positions @ matrix.T
                strained.append(copy)
            up, down = acsf.features(strained)
            expected = np.einsum("knf,nf->k", slope[:, n:], (up - down) / (2 * step))
            np.testing.assert_allclose(virial[:, 1, x, y], expected, atol=1e-6)


def test_a_batch_is_its_structures_one_by_one():
    acsf = ACSF(FEW, ("Ag", "S"))
    batch = [CLUSTER, slab(), CLUSTER[:3]]
    together = acsf.environments(batch)
    assert together.n_atoms == (6, 8, 3)
    for structure, features in zip(batch, acsf.features(batch), strict=True):
        np.testing.assert_array_equal(features, acsf.features([structure])[0])
    np.testing.assert_array_equal(together.features, np.concatenate(acsf.features(batch)))
    alone = dense(acsf.environments([batch[1]]))
    np.testing.assert_allclose(dense(together)[6:14, 6:14], alone, atol=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_features_do_not_see_rotation_and_follow_a_permutation(seed):
    acsf = ACSF(FEW, ("S", "Ag"))
    order = np.random.default_rng(seed).permutation(6)
    before, turned, permuted = acsf.features([CLUSTER, rotated(CLUSTER, seed), CLUSTER[order]])
    np.testing.assert_allclose(turned, before, atol=1e-12)
    np.testing.assert_allclose(permuted, before[order], atol=1e-12)


def test_an_atom_alone_has_zeros():
    (features,) = ACSF(FEW, ("Ag",)).features([Atoms("Ag")])
    assert not features.any()
    assert ACSF(FEW, ("Ag",)).features([]) == ()


def test_what_cannot_be_described_is_named():
    with pytest.raises(StructureError, match="holds Cu; this descriptor knows only S, Ag"):
        ACSF(FEW, ("Ag", "S")).features([Atoms("Cu")])
    with pytest.raises(StructureError, match="not finite"):
        ACSF(FEW, ("Ag",)).features([Atoms("Ag", positions=[[np.nan, 0, 0]])])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("r_cut = ", "holds no symmetry functions"),
        ("r_cut = -1.0\ng2 = [[1.0, 0.0]]", "r_cut: Input should be greater than 0, got -1.0"),
        ("r_cut = 6.0\ng2 = [[1.0]]", r"g2\.0"),
        ("r_cut = 6.0\ng3 = []", "g3: Extra inputs"),
        ("r_cut = 6.0", "names no symmetry function"),
    ],
)
def test_a_data_file_that_cannot_be_used(tmp_path, text, words):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        SymmetryFunctions.read(path)
    with pytest.raises(ConfigError, match="holds no symmetry functions"):
        SymmetryFunctions.read(tmp_path / "nowhere.toml")
