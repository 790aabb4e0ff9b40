"""Molecular dynamics by uncertainty and viability, on crystals whose every number has a closed form."""

import json

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from engine.config import CrystalSettings, MDSettings, SystemSettings
from engine.coordinates import unpacked
from engine.generators import molecular_dynamics
from engine.generators.frames import distance, in_words, said_of
from engine.generators.molecular_dynamics import MolecularDynamics
from engine.generators.walkers import from_plain
from engine.math import energy_probability, uncertainty_probability
from engine.potentials.nothing import Nothing
from engine.protocols import EMPTY, Archive, MemberPredictions, Prediction
from engine.space import Space

SPACE = Space.of(SystemSettings(crystal=CrystalSettings(lattice="diamond")))
SITES = SPACE.substrate.positions
SPRINGS = np.array([2.0, 2.5, 3.0])  # eV/Å², one a member


class Wells:
    """Atoms on springs to their sites, F = −k x − c x³ along each axis; each member has its own k."""

    n_members = 3

    def __init__(self, cubic=0.0, sites=SITES):
        self._cubic = cubic
        self._sites = sites

    def members(self, structures):
        away = [s.positions - self._sites for s in structures]
        energy = [[0.5 * k * (x**2).sum() + self._cubic * (x**4).sum() / 4 for x in away] for k in SPRINGS]
        forces = tuple(-(SPRINGS[:, None, None] * x + self._cubic * x**3) for x in away)
        return MemberPredictions(np.array(energy), forces, np.full((3, len(away), 6), np.nan))

    def predict(self, structures):
        said = self.members(structures)
        return Prediction(said.energy.mean(axis=0), tuple(f.mean(axis=0) for f in said.forces))


def walk(potential, count=2, archive=EMPTY, seed=0, **settings):
    few = {"trajectories": 2, "frames": 15, "steps": 4, "test_frames": 10, "friction": 0.02, **settings}
    search = MolecularDynamics(MDSettings(**few), SPACE)
    state, proposals = search.start(), []
    for k in range(count):
        state, found = search.step(
            json.loads(json.dumps(state)), potential, np.random.default_rng([seed, k]), archive
        )
        proposals.append(found)
    return state, proposals


def test_what_is_said_of_frames_by_closed_form():
    moved = SPACE.substrate.copy()
    moved.positions[0] += [0.3, 0, 0]
    moved.positions[1] += [0, -0.1, 0]
    said = said_of([moved], Wells(), SPACE.substrate)
    spread = SPRINGS.std()
    assert said.uncertainties["max"] == pytest.approx([0.3 * spread])
    assert said.uncertainties["mean"] == pytest.approx([0.4 * spread / 8])
    assert said.uncertainties["relative-max"] == pytest.approx([spread / 2.5])
    assert said.uncertainties["energy"] == pytest.approx([0.5 * 0.1 * spread / 8])
    assert said.energy == pytest.approx([0.5 * 2.5 * 0.1 / 8])


def test_frames_are_accepted_by_both_probabilities_and_the_draws_are_kept():
    state, (first, found) = walk(Wells(), proposals=100, shift=0.0, novelty=0.0)
    assert first == []  # the test frames
    frames, statistics = state["frames"], state["statistics"]
    columns = {name: np.array(values) for name, values in frames["columns"].items()}
    np.testing.assert_allclose(
        columns["P_U"],
        uncertainty_probability(columns["u-max"], *statistics["uncertainty"], shift=0.0),
        atol=1e-3,
    )
    np.testing.assert_allclose(
        columns["P_E"], energy_probability(columns["energy"], *statistics["energy"]), atol=1e-3
    )
    draws = np.random.default_rng(frames["seed"]).random(30)
    np.testing.assert_allclose(columns["draw"], draws, rtol=1e-5)
    accepted = np.flatnonzero(draws < columns["P_U"] * columns["P_E"])
    assert 0 < len(accepted) < 30
    assert sorted(frames["proposed"]) == accepted.tolist()
    assert (state["judged"], state["accepted"]) == (30, len(accepted))
    for proposal, k in zip(found, frames["proposed"], strict=True):
        assert proposal.walker == frames["trajectory"][k]
        terms = proposal.structure.info["terms"]
        assert terms["P_U"] == pytest.approx(columns["P_U"][k], rel=1e-4)
        assert f"{terms['draw']:.3f} was drawn" in in_words(terms)
    other, _ = walk(Wells(), proposals=100, shift=0.0, novelty=0.0, viability="almomd-0.2.0")
    assert other["frames"]["columns"]["P_E"] != frames["columns"]["P_E"]


def test_positions_are_kept_of_what_was_proposed_and_of_as_many_frames_as_there_is_room_for(monkeypatch):
    state, (_, found) = walk(Wells(), proposals=100, shift=0.0, novelty=0.0)
    frames = state["frames"]
    assert frames["kept"] == list(range(30))
    for proposal, k in zip(found, frames["proposed"], strict=True):
        of_mine = unpacked(frames["positions"][k // 15], len(SITES))
        np.testing.assert_allclose(of_mine[k % 15], proposal.structure.positions, atol=1e-6)
    # room for every fifth frame of 30 with 8 atoms each
    monkeypatch.setattr(molecular_dynamics, "_PICTURED", 48)
    state, _ = walk(Wells(), proposals=2, shift=0.0, novelty=0.0)
    frames = state["frames"]
    assert frames["kept"] == sorted({0, 5, 10, 15, 20, 25, *frames["proposed"]})
    assert [len(unpacked(text, len(SITES))) for text in frames["positions"]] == [
        sum(k < 15 for k in frames["kept"]),
        sum(k >= 15 for k in frames["kept"]),
    ]


def test_a_harmonic_crystal_is_harmonic_and_another_is_not():
    state, _ = walk(Wells())
    assert np.abs(state["frames"]["columns"]["anharmonicity"]).max() < 1e-5
    assert [max(atoms) < 1e-5 for atoms in state["frames"]["anharmonicity_of_atoms"]] == [True, True]
    state, _ = walk(Wells(cubic=10.0), temperature=600.0)
    of_frames = np.array(state["frames"]["columns"]["anharmonicity"])
    assert 0.02 < of_frames.mean() < 0.6
    positions = np.array([unpacked(text, len(SITES)) for text in state["frames"]["positions"]])
    away = positions - SITES
    forces = -2.5 * away - 10.0 * away**3
    beyond = forces + 2.5 * (away - away.mean(axis=2, keepdims=True))  # no drift of the whole
    closed = beyond.std(axis=(2, 3)) / forces.std(axis=(2, 3))
    # force constants are differences over 0.01 Å each way: 2.5 + 10 × 0.01²
    np.testing.assert_allclose(of_frames, closed.ravel(), rtol=0.01)
    of_atoms = beyond.std(axis=(1, 3)) / forces.std(axis=(1, 3))
    np.testing.assert_allclose(state["frames"]["anharmonicity_of_atoms"], of_atoms, rtol=0.01)


def test_a_harmonic_crystal_is_harmonic_wherever_its_atoms_are_at_rest():
    moved = np.random.default_rng(8).normal(0, 0.1, SITES.shape)
    state, _ = walk(Wells(sites=SITES + moved - moved.mean(axis=0)))
    assert np.abs(state["frames"]["columns"]["anharmonicity"]).max() < 1e-5
    assert np.abs(state["frames"]["anharmonicity_of_atoms"]).max() < 1e-5


def test_what_is_like_a_label_or_an_earlier_frame_of_any_chain_is_not_proposed():
    _, (_, many) = walk(Wells(), proposals=100, shift=0.0, novelty=0.0)
    _, (_, few) = walk(Wells(), proposals=100, shift=0.0, novelty=0.2)
    kept = [proposal.structure for proposal in few]
    assert 0 < len(kept) < len(many)
    assert all(distance(a, b) >= 0.2 for k, a in enumerate(kept) for b in kept[:k])
    known = [label(proposal.structure.positions, 0.0) for proposal in many]
    _, (_, none) = walk(Wells(), proposals=100, shift=0.0, novelty=0.001, archive=Archive(late(known)))
    assert none == []
    others = Archive(others=lambda: [proposal.structure for proposal in many])
    _, (_, none) = walk(Wells(), proposals=100, shift=0.0, novelty=0.001, archive=others)
    assert none == [], "another chain has them"
    _, (_, capped) = walk(Wells(), proposals=2, shift=0.0, novelty=0.0)
    assert len(capped) == 2


def test_without_forces_to_follow_the_start_is_proposed_rattled():
    state, (first, second) = walk(Nothing(), proposals=40, rattle=0.2)
    assert state["walkers"] == []
    assert len(state["test"]) == 10
    moved = np.array([proposal.structure.positions for proposal in (*first, *second)]) - SITES
    assert moved.shape == (80, 8, 3)
    assert moved.std() == pytest.approx(0.2, rel=0.05)
    assert abs(moved.mean()) < 0.02
    known = [label(proposal.structure.positions, 0.0) for proposal in first]
    search = MolecularDynamics(MDSettings(trajectories=2, frames=3, test_frames=4), SPACE)
    begun, _ = search.step(state, Wells(), np.random.default_rng(0), Archive(lambda: known))
    assert begun["test"] == state["test"]
    assert (begun["judged"], begun["labels"]) == (6, 40)
    said = said_of([from_plain(one) for one in state["test"]], Wells(), SPACE.substrate)
    assert begun["statistics"]["energy"] == pytest.approx((said.energy.mean(), said.energy.std()))
    assert begun["statistics"]["energy"][0] == pytest.approx(1.5 * 2.5 * 0.2**2, rel=0.2)


def test_where_trajectories_explode_again_and_again_they_begin_anew():
    state, _ = walk(Wells(), count=1, largest_force=0.3, length=7)
    assert state["rewinds"] > 2 * 15
    assert (state["stretch"], state["anew"]) == (1, True)
    state, _ = walk(Wells(), count=1, length=7)
    assert (state["rewinds"], state["stretch"]) == (0, 1)


def label(positions, energy):
    structure = SPACE.substrate.copy()
    structure.positions = positions
    structure.calc = SinglePointCalculator(structure, energy=energy)
    return structure


def late(known):
    """Labels that come after the first step."""
    given = iter([[], known, known, known])
    return lambda: next(given)


def begun_anew(known):
    """State after one step of hardly any length from where trajectories begin."""
    none = {"frames": 1, "steps": 1, "temperature": 0.0, "friction": 0.0, "timestep": 1e-3}
    state, _ = walk(Wells(), archive=Archive(late(known)), length=1, **none)
    return state


def test_new_trajectories_begin_in_the_new_labels_with_the_largest_error():
    rng = np.random.default_rng(4)
    known = [label(SITES + rng.normal(0, 0.05, SITES.shape), 0.0) for _ in range(3)]
    for structure, off in zip(known, (0.1, -0.9, 0.5), strict=True):
        structure.calc.results["energy"] = Wells().predict([structure]).energy[0] + off
    state = begun_anew(known)
    for walker, worst in zip(state["walkers"], (1, 2), strict=True):
        np.testing.assert_allclose(walker["positions"], known[worst].positions, atol=1e-4)
    assert state["labels"] == 3
    # the present model knows the first by now; what was claimed of it was wrong
    present = [Wells().predict([structure]).energy[0] / len(SITES) for structure in known]
    known[0].calc.results["energy"] = present[0] * len(SITES)
    known[0].info["terms"] = {"energy": present[0] - 0.1}
    known[1].info["terms"] = {"energy": known[1].get_potential_energy() / len(SITES)}
    state = begun_anew(known)
    for walker, worst in zip(state["walkers"], (0, 2), strict=True):
        np.testing.assert_allclose(walker["positions"], known[worst].positions, atol=1e-4)


def test_structures_of_other_cells_or_atoms_are_far_apart():
    crystal = SPACE.substrate
    drifted = crystal.copy()
    drifted.positions += 0.7
    assert distance(crystal, drifted) == pytest.approx(0, abs=1e-9)
    larger = crystal.copy()
    larger.set_cell(1.1 * crystal.cell, scale_atoms=True)
    assert distance(crystal, larger) == distance(crystal, Atoms("Si")) == np.inf
