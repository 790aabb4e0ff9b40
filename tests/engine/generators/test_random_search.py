import json

import numpy as np

from engine.config import RandomSearchSettings, SystemSettings
from engine.generators import RandomSearch, place
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.relax import relax
from engine.protocols import Prediction
from engine.space import Space

EMT = ASECalculator("ase.calculators.emt:EMT", {})
SYSTEM = Space.of(SystemSettings(composition="Ag5"))
SETTINGS = RandomSearchSettings(structures=4, steps=200)


class Everywhere:
    """The same pull on every atom, away from the middle of the box; `lost` structures have no energy."""

    def __init__(self, pull, lost=()):
        self.pull = pull
        self.lost = lost

    def predict(self, structures):
        energy = np.array([np.nan if i in self.lost else 0.0 for i in range(len(structures))])
        outward = [s.positions - 10 for s in structures]
        forces = [self.pull * v / (np.linalg.norm(v, axis=1, keepdims=True) + 1e-9) for v in outward]
        return Prediction(energy, tuple(forces))


def test_a_step_proposes_relaxed_clusters_of_the_formula():
    search = RandomSearch(SETTINGS, SYSTEM)
    state, proposals = search.step(search.start(), EMT, np.random.default_rng(0))
    assert state == {"placed": 4}
    assert len(proposals) == 4
    forces = EMT.predict([proposal.structure for proposal in proposals]).forces
    for proposal, force in zip(proposals, forces, strict=True):
        assert proposal.parent is None
        assert proposal.structure.get_chemical_formula() == "Ag5"
        assert np.linalg.norm(force, axis=1).max() <= SETTINGS.fmax


def test_it_is_placement_then_relaxation():
    search = RandomSearch(SETTINGS, SYSTEM)
    _, proposals = search.step(search.start(), EMT, np.random.default_rng(1))
    rng = np.random.default_rng(1)
    placed = [place(SYSTEM, SETTINGS.bond, SETTINGS.tries, rng) for _ in range(4)]
    expected = relax(placed, EMT, SETTINGS.fmax, SETTINGS.steps).structures
    assert [proposal.structure for proposal in proposals] == list(expected)


def test_the_state_counts_on_and_is_plain_json():
    search = RandomSearch(RandomSearchSettings(structures=2, steps=1), SYSTEM)
    state = search.start()
    for _ in range(3):
        state, _ = search.step(json.loads(json.dumps(state)), EMT, np.random.default_rng(0))
    assert state == {"placed": 6}


def test_same_arguments_same_proposals():
    search = RandomSearch(SETTINGS, SYSTEM)
    first, again = (search.step(search.start(), EMT, np.random.default_rng(seed))[1] for seed in (2, 2))
    assert [p.structure for p in first] == [p.structure for p in again]


def test_what_has_no_energy_is_not_proposed():
    search = RandomSearch(SETTINGS, SYSTEM)
    state, proposals = search.step(search.start(), Everywhere(0.0, lost={1, 3}), np.random.default_rng(0))
    assert len(proposals) == 2
    assert state == {"placed": 4}


def test_what_flew_out_of_the_box_is_not_proposed():
    search = RandomSearch(SETTINGS, SYSTEM)
    assert search.step(search.start(), Everywhere(5.0), np.random.default_rng(0))[1] == []
