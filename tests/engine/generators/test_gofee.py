import numpy as np
import pytest
from ase.calculators import emt
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms

from engine.config import DeltaSettings, GOFEESettings, SystemSettings
from engine.generators import GOFEE
from engine.generators.gofee import dual_point, lowest_of_clusters
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.delta import Delta
from engine.potentials.lower_bound import LowerBound
from engine.potentials.sparse_gpr import SparseGPR
from engine.protocols import Archive, Prediction
from engine.space import Space
from tests.clusters import random_clusters

EMT = ASECalculator("ase.calculators.emt:EMT", {})
SYSTEM = Space.of(SystemSettings(composition="Ag5", confinement=9.0))
SETTINGS = GOFEESettings(candidates=5, steps=15, random_rounds=1)
TRAIN = random_clusters("Ag5", 8)
SURROGATE = Delta(EMT, SparseGPR.fit(TRAIN, np.random.default_rng(0).normal(0, 0.3, 8), DeltaSettings()))


def labelled(structures=TRAIN):
    energies = EMT.predict(structures).energy
    made = []
    for structure, energy in zip(structures, energies, strict=True):
        atoms = structure.copy()
        atoms.calc = SinglePointCalculator(atoms, energy=float(energy))
        made.append(atoms)
    return made


class Watched(Delta):
    """Keeps what the search asked about."""

    def lower_bound(self, structures, kappa):
        asked.append([s.copy() for s in structures])
        return super().lower_bound(structures, kappa)


asked = []


def test_only_the_lowest_of_a_round_in_the_bound_is_proposed():
    search = GOFEE(SETTINGS, SYSTEM)
    state = {**search.start(), "round": 1}
    asked.clear()
    potential = Watched(SURROGATE.base, SURROGATE.correction)
    after, (proposal,) = search.step(state, potential, np.random.default_rng(0), Archive(labelled))
    assert after["round"] == 2
    bound = LowerBound(SURROGATE, SETTINGS.kappa).predict([proposal.structure, *asked[0]]).energy
    assert bound[0] <= bound[1:].min()
    assert len(asked[0]) == 5


def test_the_first_rounds_and_those_before_a_fit_are_random_and_read_no_labels():
    def never():
        raise AssertionError("labels were read")

    search = GOFEE(SETTINGS, SYSTEM)
    search.step(search.start(), SURROGATE, np.random.default_rng(0), Archive(never))
    search.step({**search.start(), "round": 7}, Delta(EMT, None), np.random.default_rng(0), Archive(never))


def test_later_most_candidates_are_rattled_parents():
    search = GOFEE(SETTINGS.model_copy(update={"fraction": 0.2, "amplitude": 0.5, "steps": 1}), SYSTEM)
    asked.clear()
    potential = Watched(SURROGATE.base, SURROGATE.correction)
    search.step({**search.start(), "round": 5}, potential, np.random.default_rng(0), Archive(labelled))

    def bred(structure):
        """Four of five atoms stand as they do in some labelled structure."""
        distances = structure.get_all_distances()
        return any((np.abs(distances - t.get_all_distances()) < 1e-6).sum() >= 5 + 12 for t in TRAIN)

    assert [bred(s) for s in asked[0]] == [True] * 4 + [False]


def test_parents_are_the_lowest_of_clusters_within_the_window():
    features = np.array([[0.0], [0.1], [5.0], [5.1], [9.0]])
    energy = np.array([1.0, 0.5, 3.0, 4.0, 0.7])
    assert lowest_of_clusters(features, energy, 3) == [1, 4, 2]
    assert lowest_of_clusters(features, energy, 1) == [1]
    assert lowest_of_clusters(np.zeros((4, 2)), np.array([3.0, 1.0, 2.0, 4.0]), 3) == [1]


def test_a_start_structure_is_the_parent_until_there_are_labels():
    (cluster,) = random_clusters("Ag5", 1, seed=3)
    search = GOFEE(SETTINGS, SYSTEM)
    state, found = search.step(search.start(cluster), EMT, np.random.default_rng(0))
    assert state["round"] == 1
    assert len(found) == 1


def test_what_has_no_energy_is_not_proposed():
    class Nowhere:
        def predict(self, structures):
            return Prediction(
                np.full(len(structures), np.nan), tuple(np.zeros((len(s), 3)) for s in structures)
            )

    search = GOFEE(SETTINGS, SYSTEM)
    _, found = search.step(search.start(), Nowhere(), np.random.default_rng(0))
    assert found == []


def test_a_larger_kappa_moves_the_pick_towards_what_is_unknown():
    def pick(kappa):
        search = GOFEE(SETTINGS.model_copy(update={"kappa": kappa}), SYSTEM)
        state = {**search.start(), "round": 3}
        _, (proposal,) = search.step(state, SURROGATE, np.random.default_rng(1), Archive(labelled))
        return SURROGATE.predict([proposal.structure])

    greedy, curious = pick(0.0), pick(8.0)
    assert curious.energy_std[0] > greedy.energy_std[0]
    assert curious.energy[0] > greedy.energy[0]


def test_the_dual_point_lies_one_step_down_the_forces_of_the_label():
    (structure,) = random_clusters("Ag5", 1)
    structure.calc = emt.EMT()
    forces = structure.get_forces()
    moved = dual_point(structure, 0.05).positions - structure.positions
    strongest = np.linalg.norm(forces, axis=1).argmax()
    assert np.linalg.norm(moved[strongest]) == pytest.approx(0.05)
    np.testing.assert_allclose(moved / 0.05, forces / np.linalg.norm(forces[strongest]))
    assert dual_point(structure, 0.0) is None


def test_without_a_force_or_out_of_the_box_there_is_no_dual_point():
    (structure,) = random_clusters("Ag5", 1)
    still = structure.copy()
    still.calc = SinglePointCalculator(still, energy=0.0, forces=np.zeros((5, 3)))
    assert dual_point(still, 0.1) is None
    structure.set_constraint(FixAtoms([0, 1, 2, 3, 4]))
    structure.calc = SinglePointCalculator(structure, energy=0.0, forces=np.ones((5, 3)))
    assert dual_point(structure, 0.1) is None
    structure.set_constraint(FixAtoms([1, 2, 3, 4]))
    assert np.flatnonzero(dual_point(structure, 0.1).positions[:, 0] != structure.positions[:, 0]) == [0]
    assert dual_point(structure, 100.0) is None


def test_a_proposal_says_how_far_it_is_relaxed_in_the_bound_not_in_the_energy():
    """Otherwise the check of forces turns away what is uncertain, which is what this search is for."""
    settings = SETTINGS.model_copy(update={"kappa": 4.0, "steps": 200})
    _, (proposal,) = GOFEE(settings, SYSTEM).step(
        {**GOFEE(settings, SYSTEM).start(), "round": 3},
        SURROGATE,
        np.random.default_rng(0),
        Archive(labelled),
    )
    bound = LowerBound(SURROGATE, 4.0).predict([proposal.structure]).forces[0]
    energy = SURROGATE.predict([proposal.structure]).forces[0]
    assert proposal.fmax == pytest.approx(np.linalg.norm(bound, axis=1).max())
    assert proposal.fmax < 0.5 * np.linalg.norm(energy, axis=1).max()
