"""What a rule is told of a pool: the members on top of the base, asked once and part by part."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from engine import registry
from engine.config import CommitteeSettings, parse
from engine.loop import pooled as module
from engine.loop.messages import Select
from engine.loop.pooled import pooled
from engine.loop.scoring import scored
from engine.math import ResponseScales, responses
from engine.potentials.delta import DeltaCommittee
from engine.potentials.network_committee import NetworkCommittee
from engine.store import Score, Store

TOML = """
[system.crystal]
lattice = "diamond"
[potential]
name = "stillinger-weber"
[committee]
kind = "networks"
members = 3
subsample = 0.8
[[search]]
name = "strain"
[selection]
rule = "{rule}"
responses = "{responses}"
[reference]
name = "tersoff-silicon"
"""
SILICON = bulk("Si", cubic=True)
SW = registry.make("potentials", "stillinger-weber")


def rattled(seed):
    structure = SILICON.copy()
    structure.rattle(0.1, seed=seed)
    return structure


@pytest.fixture(scope="module")
def committee():
    settings = CommitteeSettings(kind="networks", members=3, subsample=0.8, epochs=2)
    labels = [rattled(seed) for seed in range(90, 96)]
    said = registry.make("potentials", "tersoff-silicon").predict(labels)
    model = NetworkCommittee.fit(labels, said.energy, settings, said.forces)
    return model.calibrated(np.tile([-3.0, 3.0], 10))


@pytest.fixture
def campaign(tmp_path, committee):
    """Make a campaign of given structures, one of them scored, and ask to choose among them."""

    def make(structures, rule="high-entropy", answers="all"):
        store = Store.create(tmp_path)
        (tmp_path / "models").mkdir()
        committee.save(tmp_path / "models" / "m-0001.npz")
        facts = {"generator": "strain/0", "step": 0, "model_id": "m-0000", "parent": None, "flags": ()}
        with store.transaction(0, 0.0) as rows:
            names = [
                rows.propose(s, base_energy=float(e), features=np.ones(2), **facts)
                for s, e in zip(structures, SW.predict(structures).energy, strict=True)
            ]
            rows.score(names[0], "m-0001", Score(names[0], -1.0, 0.5, np.ones(len(structures[0]))))
        settings = parse(TOML.format(rule=rule, responses=answers))
        return Select(tmp_path, settings, "m-0001", tuple(names), (), (), ()), store

    return make


def test_the_members_are_asked_once_and_scores_are_what_the_committee_predicts(campaign, monkeypatch):
    structures = [rattled(seed) for seed in range(5)]
    request, store = campaign(structures)
    asked = []
    monkeypatch.setattr(module, "TOGETHER", 17)
    members = NetworkCommittee.members
    monkeypatch.setattr(NetworkCommittee, "members", lambda self, s: asked.append(len(s)) or members(self, s))
    pool, scores, made = pooled(request, store.proposals(request.pool), store)
    assert asked == [2, 2, 1]
    base = SW.predict(structures)
    assert [score.candidate for score in made] == list(request.pool[1:])
    assert (scores[0].energy, pool.energy_std[0]) == (-1.0, 0.5), "what stands in the database is kept"
    expected = scored(store.folder, "m-0001", structures, base.energy, request.pool)
    for score, other in zip(scores[1:], expected[1:], strict=True):
        assert score.energy == pytest.approx(other.energy, abs=1e-9)
        assert score.energy_std == pytest.approx(other.energy_std, abs=1e-9)
        np.testing.assert_allclose(score.atom_std, other.atom_std, atol=1e-9)
    np.testing.assert_allclose(pool.committee.mean(axis=0)[1:], pool.energy[1:])
    assert pool.whole.shape == (5,)


def test_responses_are_the_members_on_top_of_the_base(campaign, committee):
    structures = [rattled(seed) for seed in range(3)]
    request, store = campaign(structures)
    pool, _, _ = pooled(request, store.proposals(request.pool), store)
    said = DeltaCommittee(SW, committee).members(structures)
    expected, scales = responses(said.energy, said.forces, said.stress)
    np.testing.assert_allclose(pool.responses, expected, atol=1e-9)
    np.testing.assert_array_equal(pool.scales, scales)
    assert pool.responses.shape == (3, 3, 8)
    alone = DeltaCommittee(SW, committee).member(1).predict(structures)
    np.testing.assert_allclose(alone.energy, pool.committee[1])
    np.testing.assert_allclose(alone.stress, said.stress[1], atol=1e-12)


def test_without_a_stress_of_all_none_is_compared(campaign):
    cluster = Atoms("Si3", [[0, 0, 0], [2.3, 0, 0], [0, 2.3, 0]], cell=[12, 12, 12])
    request, store = campaign([rattled(1), cluster])
    pool, _, _ = pooled(request, store.proposals(request.pool), store)
    assert pool.responses.shape == (3, 2, 2)
    scales = ResponseScales()
    assert pool.scales.tolist() == [scales.energy, scales.force]


@pytest.mark.parametrize(("rule", "answers"), [("high-entropy", "energy"), ("query-by-committee", "all")])
def test_other_rules_and_by_default_look_at_energies_alone(campaign, rule, answers):
    request, store = campaign([rattled(1), rattled(2)], rule, answers)
    pool, _, _ = pooled(request, store.proposals(request.pool), store)
    assert pool.responses is None
    assert pool.scales is None
    assert pool.committee.shape == (3, 2)
