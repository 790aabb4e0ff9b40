"""What every registered search must keep."""

import itertools
import json

import numpy as np
import pytest
from ase import Atoms
from ase.constraints import FixAtoms
from ase.neighborlist import neighbor_list

from engine import registry
from engine.config import (
    CampaignSettings,
    CrystalSettings,
    OtherSearchSettings,
    SlabSettings,
    SystemSettings,
    searches,
)
from engine.errors import StructureError
from engine.generators import place
from engine.potentials.ase_calculator import ASECalculator
from engine.space import Space
from tests.clusters import random_clusters

EMT = ASECalculator("ase.calculators.emt:EMT", {})
BOX = Space.of(SystemSettings(composition="Ag4Cu2", confinement=10.0))
SURFACE = Space.of(
    SystemSettings(composition="Cu2", slab=SlabSettings(surface="fcc111", size=(3, 3, 2), fixed_layers=1))
)
NAMES = registry.names("generators")
OF_A_CRYSTAL = ("pool", "strain")  # they begin in one, and relax nothing
SEARCHES = [name for name in NAMES if name not in OF_A_CRYSTAL]
CRYSTAL = SystemSettings(crystal=CrystalSettings(lattice="diamond"))
SILICON = Space.of(CRYSTAL).substrate
BEGIN = [None, random_clusters("Ag4Cu2", 1)[0]]


def make(name, space=BOX):
    small = {
        "random-search": {"structures": 2},
        "basin-hopping": {"walkers": 2},
        "replica-exchange": {"walkers": 2},
        "ascent": {"structures": 3, "steps": 10},
        "md": {"trajectories": 2, "frames": 3, "test_frames": 4},
        "pool": {"kinds": ["volume", "small", "random"], "count": 3, "chunk": 3},
        "strain": {"structures": 3, "rattle": 0.02},
    }.get(name, {})
    told = {"system": CRYSTAL.model_dump()}
    if name in SEARCHES:
        told = {}
        if "steps" in searches.SEARCHES.get(name, OtherSearchSettings).model_fields:
            small = {"steps": 10, **small}
    settings = CampaignSettings.model_validate({**told, "search": [{"name": name, **small}]})
    space = space if name in SEARCHES else Space.of(CRYSTAL)
    return registry.make("generators", name, settings.search[0], space)


def walk(search, structure, seed=0, count=3):
    state, found = search.start(structure), []
    for k in range(count):
        state = json.loads(json.dumps(state))  # as the store gives it back
        state, proposals = search.step(state, EMT, np.random.default_rng([seed, k]))
        found.append(proposals)
    return state, list(itertools.chain(*found))


@pytest.mark.parametrize("structure", BEGIN, ids=["random", "start"])
@pytest.mark.parametrize("name", SEARCHES)
def test_proposals_are_whole_finite_clusters_in_the_box(name, structure):
    _, proposals = walk(make(name), structure)
    assert proposals
    for proposal in proposals:
        found = proposal.structure
        assert found.get_chemical_formula() == "Ag4Cu2"
        assert not found.pbc.any()
        np.testing.assert_array_equal(found.cell.lengths(), [20, 20, 20])
        assert np.isfinite(found.positions).all()
        assert (found.positions >= 0).all()
        assert (found.positions <= 20).all()


@pytest.mark.parametrize("begun", [False, True], ids=["random", "start"])
@pytest.mark.parametrize("name", SEARCHES)
def test_on_a_surface_fixed_atoms_stay_and_the_others_keep_to_their_region(name, begun):
    start = place(SURFACE, (0.75, 1.25), 100, np.random.default_rng(5)) if begun else None
    state, proposals = walk(make(name, SURFACE), start)
    assert proposals
    for proposal in proposals:
        found = proposal.structure
        assert found.get_chemical_formula(mode="reduce") == "Ag18Cu2"
        assert found.pbc.tolist() == [True, True, False]
        np.testing.assert_array_equal(found.positions[:9], SURFACE.substrate.positions[:9])
        assert found.constraints[0].index.tolist() == list(range(9))
        assert (found.positions[:, 2] <= found.cell[2, 2]).all()
    for walker in state.get("walkers", []):
        assert SURFACE.holds(np.array(walker["positions"])[9:]).all()


@pytest.mark.parametrize("name", OF_A_CRYSTAL)
def test_what_is_made_of_a_crystal_is_whole(name):
    _, proposals = walk(make(name), SILICON)
    assert proposals
    for proposal in proposals:
        assert set(proposal.structure.symbols) == {"Si"}
        assert proposal.structure.pbc.all()
        assert np.isfinite(proposal.structure.positions).all()
        assert neighbor_list("d", proposal.structure, 3.0).min() > 1.0


def test_a_strain_needs_a_crystal():
    with pytest.raises(StructureError, match="the search strain needs a crystal"):
        make("strain").start()
    with pytest.raises(StructureError, match="has no cell"):
        make("strain").start(Atoms("Si2", [[0, 0, 0], [0, 0, 2.3]]))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_numbers_give_the_same_steps_and_others_give_others(name):
    begin = SILICON if name in OF_A_CRYSTAL else None
    state, first = walk(make(name), begin)
    again_state, again = walk(make(name), begin)
    _, other = walk(make(name), begin, seed=1)
    assert state == again_state
    assert [p.structure for p in first] == [p.structure for p in again]
    assert [p.structure for p in first] != [p.structure for p in other]


@pytest.mark.parametrize("name", NAMES)
def test_a_step_changes_neither_the_state_it_got_nor_the_structure_it_began_in(name):
    search = make(name)
    structure = (SILICON if name in OF_A_CRYSTAL else BEGIN[1]).copy()
    structure.set_constraint(FixAtoms([0]))
    before = structure.copy()
    state, _ = search.step(search.start(structure), EMT, np.random.default_rng(0))
    kept = json.dumps(state)
    search.step(state, EMT, np.random.default_rng(1))
    assert json.dumps(state) == kept
    assert structure == before


@pytest.mark.parametrize("name", [name for name in SEARCHES if name not in ("ascent", "md")])
def test_a_search_that_places_atoms_is_refused_in_a_crystal(name):
    with pytest.raises(ValueError, match=f"{name} places atoms in a box or on a surface, not in a crystal"):
        CampaignSettings.model_validate({"system": CRYSTAL.model_dump(), "search": [{"name": name}]})
