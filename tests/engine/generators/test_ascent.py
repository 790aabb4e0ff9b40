"""Ascent of σ: uphill, within its trust radius, and never through an atom."""

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms

from engine.config import (
    AscentSettings,
    CommitteeSettings,
    CrystalSettings,
    DeltaSettings,
    SystemSettings,
    parse,
)
from engine.generators.ascent import Ascent, nearest_pair, uncertainty
from engine.potentials.bootstrap_committee import BootstrapCommittee
from engine.potentials.delta import Delta
from engine.potentials.nothing import Nothing
from engine.potentials.sparse_gpr import SparseGPR
from engine.protocols import Archive
from engine.space import Space
from tests.clusters import random_clusters

SPACE = Space.of(SystemSettings(composition="Ag4S2"))
SOAP = DeltaSettings(r_cut=4.0, n_max=2, l_max=1, length_scale=5.0, inducing_points=40)
TRAIN = random_clusters("Ag4S2", 8)
ENERGIES = np.random.default_rng(0).normal(-3, 0.3, 8)
MODELS = {
    "gpr": SparseGPR.fit(TRAIN, ENERGIES, SOAP),
    "committee": BootstrapCommittee.fit(TRAIN, ENERGIES, CommitteeSettings(members=3), SOAP),
}


def labelled():
    found = []
    for structure, energy in zip(TRAIN, ENERGIES, strict=True):
        copy = structure.copy()
        copy.calc = SinglePointCalculator(copy, energy=energy)
        found.append(copy)
    return found


def climb(model, seed=0, space=SPACE, known=labelled, **settings):
    search = Ascent(AscentSettings(**settings), space)
    state = search.start()
    return search.step(state, Delta(Nothing(), model), np.random.default_rng(seed), Archive(known))[1]


def begun_in(structure):
    return min(TRAIN, key=lambda one: np.abs(one.positions - structure.positions).max())


@pytest.mark.parametrize("kind", MODELS)
def test_the_slope_is_the_derivative_of_sigma(kind):
    model, structure = MODELS[kind].calibrated(np.full(10, 1.7)), random_clusters("Ag4S2", 1, seed=3)[0]
    slope = uncertainty(model, [structure])[1][0]
    for atom, axis in ((0, 0), (3, 1), (5, 2)):
        moved = [structure.copy(), structure.copy()]
        for sign, copy in zip((1, -1), moved, strict=True):
            copy.positions[atom, axis] += sign * 1e-4
        high, low = uncertainty(model, moved)[0]
        assert slope[atom, axis] == pytest.approx((high - low) / 2e-4, abs=1e-5)


@pytest.mark.parametrize("kind", MODELS)
def test_it_leads_up_within_the_trust_radius_and_no_two_atoms_meet(kind):
    found = [proposal.structure for proposal in climb(MODELS[kind], structures=8, trust=0.3)]
    begun = [begun_in(structure) for structure in found]
    assert len(found) == 8
    before, after = (uncertainty(MODELS[kind], structures)[0] for structures in (begun, found))
    assert (after > before + 1e-3).all()
    for structure, begin in zip(found, begun, strict=True):
        away = np.linalg.norm(structure.positions - begin.positions, axis=1)
        assert away.max() <= 0.3 + 1e-9
        assert nearest_pair(structure, 0.7) >= min(0.7, nearest_pair(begin, 0.7)) - 1e-9
        assert (structure.calc, structure.info) == (None, {"kind": "ascent"})


def test_more_steps_lead_higher():
    heights = []
    for steps in (1, 5, 20):
        found = [proposal.structure for proposal in climb(MODELS["gpr"], structures=8, steps=steps)]
        heights.append(uncertainty(MODELS["gpr"], found)[0].mean())
    assert heights == sorted(heights)
    assert heights[2] > heights[0]


def test_fixed_atoms_stay():
    def held():
        known = labelled()
        for structure in known:
            structure.set_constraint(FixAtoms([1, 2]))
        return known

    for proposal in climb(MODELS["gpr"], known=held):
        begin = begun_in(proposal.structure)
        away = np.linalg.norm(proposal.structure.positions - begin.positions, axis=1)
        assert (away[[1, 2]] == 0).all()
        assert away.max() > 0.01


def test_without_a_fit_it_pushes_what_it_is_given_a_little():
    crystal = Space.of(SystemSettings(crystal=CrystalSettings(lattice="diamond")))
    for proposal in climb(None, space=crystal, known=list, push=0.05):
        away = proposal.structure.positions - crystal.substrate.positions
        assert 0.02 < away.std() < 0.08
    search = Ascent(AscentSettings(structures=2), SPACE)
    state = search.start(TRAIN[0])
    _, found = search.step(state, Nothing(), np.random.default_rng(0))
    assert [len(proposal.structure) for proposal in found] == [6, 6]
    assert all(begun_in(proposal.structure) == TRAIN[0] for proposal in found)


def test_the_nearest_pair_counts_images():
    assert nearest_pair(bulk("Si"), 0.7) == 0.7
    assert nearest_pair(bulk("Si", a=3.0), 0.7) == pytest.approx(3.0 * 3**0.5 / 4 / 2.22, abs=1e-6)


def test_large_forces_are_no_flaw_of_what_it_proposes():
    settings = parse('[[search]]\nname = "ascent"\n[[search]]\nname = "basin-hopping"\n')
    assert settings.checks_of("ascent").largest_force == np.inf
    assert settings.checks_of("basin-hopping") == settings.checks
