"""What every registered search must keep."""

import itertools
import json

import numpy as np
import pytest
from ase.constraints import FixAtoms

from engine import registry
from engine.config import CampaignSettings, SystemSettings
from engine.potentials.ase_calculator import ASECalculator
from tests.clusters import random_clusters

EMT = ASECalculator("ase.calculators.emt:EMT", {})
SYSTEM = SystemSettings(composition="Ag4Cu2", confinement=10.0)
NAMES = registry.names("generators")
BEGIN = [None, random_clusters("Ag4Cu2", 1)[0]]


def make(name):
    small = {
        "random-search": {"structures": 2},
        "basin-hopping": {"walkers": 2},
        "replica-exchange": {"walkers": 2},
    }.get(name, {})
    settings = CampaignSettings.model_validate({"search": [{"name": name, "steps": 10, **small}]})
    return registry.make("generators", name, settings.search[0], SYSTEM)


def walk(search, structure, seed=0, count=3):
    state, found = search.start(structure), []
    for k in range(count):
        state = json.loads(json.dumps(state))  # as the store gives it back
        state, proposals = search.step(state, EMT, np.random.default_rng([seed, k]))
        found.append(proposals)
    return state, list(itertools.chain(*found))


@pytest.mark.parametrize("structure", BEGIN, ids=["random", "start"])
@pytest.mark.parametrize("name", NAMES)
def test_proposals_are_whole_finite_clusters_in_the_box(name, structure):
    _, proposals = walk(make(name), structure)
    assert proposals
    for proposal in proposals:
        found = proposal.structure
        assert found.get_chemical_formula() == "Ag4Cu2"
        assert not found.pbc.any()
        np.testing.assert_array_equal(found.cell.lengths(), SYSTEM.cell)
        assert np.isfinite(found.positions).all()
        assert (found.positions >= 0).all()
        assert (found.positions <= 20).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_numbers_give_the_same_steps_and_others_give_others(name):
    state, first = walk(make(name), None)
    again_state, again = walk(make(name), None)
    _, other = walk(make(name), None, seed=1)
    assert state == again_state
    assert [p.structure for p in first] == [p.structure for p in again]
    assert [p.structure for p in first] != [p.structure for p in other]


@pytest.mark.parametrize("name", NAMES)
def test_a_step_changes_neither_the_state_it_got_nor_the_structure_it_began_in(name):
    search = make(name)
    structure = BEGIN[1].copy()
    structure.set_constraint(FixAtoms([0]))
    before = structure.copy()
    state, _ = search.step(search.start(structure), EMT, np.random.default_rng(0))
    kept = json.dumps(state)
    search.step(state, EMT, np.random.default_rng(1))
    assert json.dumps(state) == kept
    assert structure == before
