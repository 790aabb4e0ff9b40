import numpy as np
import pytest
from ase import Atoms
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms, FixBondLength
from ase.optimize import BFGS

from engine.errors import StructureError
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.lbfgs import MEMORY, Curvature
from engine.potentials.relax import MAX_DISPLACEMENT, relax
from engine.protocols import Prediction
from tests.clusters import random_clusters

POTENTIAL = ASECalculator("ase.calculators.emt:EMT", {})
CLUSTERS = random_clusters("Ag6", 5) + random_clusters("Cu3Au2", 3)


class Recorded:
    """Passes on to `potential` and keeps what was asked."""

    def __init__(self, potential=POTENTIAL):
        self.potential = potential
        self.asked = []

    def predict(self, structures):
        self.asked.append([structure.copy() for structure in structures])
        return self.potential.predict(structures)


class Cliff:
    """Constant pull along x; nothing finite is known beyond `edge` (Å)."""

    def __init__(self, edge):
        self.edge = edge

    def predict(self, structures):
        x = np.array([structure.positions[0, 0] for structure in structures])
        energy = np.where(x > self.edge, np.nan, -x)
        return Prediction(energy, tuple(np.tile([1.0, 0, 0], (len(s), 1)) for s in structures))


def test_converged_means_no_force_above_fmax():
    relaxed = relax(CLUSTERS, POTENTIAL, fmax=0.02, steps=300)
    check = POTENTIAL.predict(relaxed.structures)
    assert relaxed.converged.all()
    np.testing.assert_array_equal(relaxed.energy, check.energy)
    for forces, expected, fmax in zip(relaxed.forces, check.forces, relaxed.fmax, strict=True):
        np.testing.assert_array_equal(forces, expected)
        assert np.linalg.norm(expected, axis=1).max() == fmax
        assert fmax <= 0.02


def test_lockstep_is_one_by_one():
    together = relax(CLUSTERS, POTENTIAL, fmax=0.05, steps=60)
    for i, cluster in enumerate(CLUSTERS):
        alone = relax([cluster], POTENTIAL, fmax=0.05, steps=60)
        np.testing.assert_array_equal(alone.structures[0].positions, together.structures[i].positions)
        assert alone.steps[0] == together.steps[i]


def test_finds_the_minimum_that_ase_finds():
    cluster = random_clusters("Ag6", 1, seed=3)[0]
    ours = relax([cluster], POTENTIAL, fmax=1e-3, steps=300)
    theirs = ours.structures[0].copy()
    theirs.rattle(0.05, seed=0)  # the same basin: from afar, steps may lead to another
    theirs.calc = EMT()
    BFGS(theirs, logfile=None).run(fmax=1e-3)
    assert ours.energy[0] == pytest.approx(theirs.get_potential_energy(), abs=1e-5)
    distances = np.sort(ours.structures[0].get_all_distances(), axis=None)
    np.testing.assert_allclose(distances, np.sort(theirs.get_all_distances(), axis=None), atol=5e-3)


def test_each_stops_for_itself_and_leaves_the_batch():
    done = relax(CLUSTERS[:1], POTENTIAL, fmax=0.05, steps=300).structures[0]
    recorded = Recorded()
    relaxed = relax([done, *CLUSTERS[1:4]], recorded, fmax=0.05, steps=300)
    assert relaxed.steps[0] == 0
    assert (relaxed.steps[1:] > 0).all()
    sizes = [len(batch) for batch in recorded.asked]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == (relaxed.steps + 1).sum()
    np.testing.assert_array_equal(relaxed.structures[0].positions, done.positions)


def test_stops_after_the_last_step_with_energies_of_the_last_geometry():
    relaxed = relax(CLUSTERS[:2], POTENTIAL, fmax=1e-9, steps=7)
    assert relaxed.steps.tolist() == [7, 7]
    assert not relaxed.converged.any()
    np.testing.assert_array_equal(relaxed.energy, POTENTIAL.predict(relaxed.structures).energy)


def test_structures_that_come_in_stay_untouched():
    before = [cluster.copy() for cluster in CLUSTERS]
    relaxed = relax(CLUSTERS, POTENTIAL, steps=3)
    assert before == CLUSTERS
    assert all(new is not old for new, old in zip(relaxed.structures, CLUSTERS, strict=True))


def test_no_atom_moves_more_than_the_clamp_in_a_step():
    recorded = Recorded()
    close = Atoms("Ag3", positions=[[0, 0, 0], [1.2, 0, 0], [0, 1.2, 0.1]])  # tens of eV/Å
    relax([close], recorded, steps=30)
    path = np.array([batch[0].positions for batch in recorded.asked])
    longest = np.linalg.norm(np.diff(path, axis=0), axis=2).max()
    assert longest == pytest.approx(MAX_DISPLACEMENT, abs=1e-12)


def test_fixed_atoms_stay_and_their_forces_do_not_count():
    cluster = random_clusters("Ag6", 1, seed=4)[0]
    cluster.set_constraint(FixAtoms([0, 3]))
    relaxed = relax([cluster], POTENTIAL, fmax=0.02, steps=300)
    moved = relaxed.structures[0]
    assert relaxed.converged[0]
    np.testing.assert_array_equal(moved.positions[[0, 3]], cluster.positions[[0, 3]])
    assert (moved.positions[[1, 2, 4, 5]] != cluster.positions[[1, 2, 4, 5]]).any(axis=1).all()
    true_forces = np.linalg.norm(POTENTIAL.predict([moved]).forces[0], axis=1)
    assert true_forces[[0, 3]].max() > 0.02
    np.testing.assert_array_equal(relaxed.forces[0][[0, 3]], 0)
    assert moved.constraints[0].index.tolist() == [0, 3]


def test_another_constraint_is_refused():
    cluster = CLUSTERS[0].copy()
    cluster.set_constraint(FixBondLength(0, 1))
    with pytest.raises(StructureError, match="FixBondLengths: only FixAtoms can be relaxed"):
        relax([cluster], POTENTIAL)


def test_what_is_not_finite_stops_at_the_last_finite_geometry_and_stops_no_other():
    near, far = Atoms("Ag", positions=[[0.9, 0, 0]]), Atoms("Ag", positions=[[-50, 0, 0]])
    relaxed = relax([near, far], Cliff(edge=1.0), fmax=0.05, steps=20)
    assert not relaxed.converged.any()
    last = relaxed.structures[0].positions[0, 0]
    assert 0.9 < last <= 1.0
    assert relaxed.energy[0] == -last
    assert relaxed.steps[1] == 20
    assert relaxed.steps[0] == round((last - 0.9) * 70)  # the first curvature scales a pull of 1 eV/Å


def test_what_was_never_finite_comes_back_as_it_was():
    lost = Atoms("Ag", positions=[[2.0, 0, 0]])
    relaxed = relax([lost], Cliff(edge=1.0))
    assert np.isnan(relaxed.energy[0])
    assert not relaxed.converged[0]
    assert relaxed.steps[0] == 0
    np.testing.assert_array_equal(relaxed.structures[0].positions, lost.positions)


def test_nothing_in_nothing_out():
    relaxed = relax([], POTENTIAL)
    assert relaxed.structures == ()
    assert relaxed.energy.shape == relaxed.converged.shape == (0,)


def known(pairs):
    curvature = Curvature(len(pairs[0][0]))
    for step, change in pairs:
        curvature.add(step, change)
    return curvature


def two_loops(forces, pairs):
    """Nocedal's recursion as it is printed."""
    q, alphas = forces.copy(), []
    for s, y in reversed(pairs):
        alphas.append(s @ q / (s @ y))
        q -= alphas[-1] * y
    s, y = pairs[-1]
    q *= s @ y / (y @ y)
    for (s, y), alpha in zip(pairs, reversed(alphas), strict=True):
        q += (alpha - y @ q / (s @ y)) * s
    return q


def test_the_step_is_that_of_the_two_loops_also_when_the_oldest_pairs_are_gone():
    rng = np.random.default_rng(2)
    hessian = np.diag(rng.uniform(1, 30, 30))
    pairs = [(s, hessian @ s + 0.01 * s) for s in rng.standard_normal((MEMORY + 7, 30))]
    for count in (1, 5, MEMORY, MEMORY + 1, MEMORY + 7):
        forces = rng.standard_normal(30)
        expected = two_loops(forces, pairs[:count][-MEMORY:])
        np.testing.assert_allclose(known(pairs[:count]).step(forces), expected, rtol=1e-8, atol=1e-10)


def test_with_enough_history_the_step_is_newtons():
    """On a quadratic, after steps along conjugate directions H is the inverse Hessian."""
    rng = np.random.default_rng(0)
    root = rng.standard_normal((4, 4))
    hessian = root @ root.T + np.eye(4)
    directions = np.linalg.eigh(hessian)[1].T
    history = [(s, hessian @ s) for s in directions]
    forces = rng.standard_normal(4)
    np.testing.assert_allclose(known(history).step(forces), np.linalg.solve(hessian, forces), rtol=1e-10)


def test_one_pair_gives_the_curvature_of_all_directions():
    s = np.array([0.1, -0.2, 0.3])
    forces = np.array([1.0, 2.0, -1.0])
    np.testing.assert_allclose(known([(s, 5.0 * s)]).step(forces), forces / 5.0, rtol=1e-12)


def test_a_step_with_few_pairs_goes_down():
    rng = np.random.default_rng(1)
    pairs = [(s, y) if s @ y > 0 else (s, -y) for s, y in rng.standard_normal((6, 2, 9))]
    for forces in rng.standard_normal((20, 9)):
        assert known(pairs).step(forces) @ forces > 0
