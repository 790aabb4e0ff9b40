"""What a rule is told of a pool: the members on top of the base, asked once and part by part."""

from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from engine import registry
from engine.config import CommitteeSettings, parse
from engine.loop import pool_features
from engine.loop import pooled as module
from engine.loop.messages import Explore, Select
from engine.loop.pool_features import stored
from engine.loop.pooled import pooled, with_atoms
from engine.loop.scoring import model_of, scored
from engine.math import ResponseScales, responses
from engine.potentials.delta import DeltaCommittee
from engine.potentials.network_committee import NetworkCommittee
from engine.store import Score, Store
from engine.store.reader import Reader

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

    def make(structures, rule="high-entropy", answers="all", generator="strain/0"):
        store = Store.create(tmp_path)
        (tmp_path / "models").mkdir()
        committee.save(tmp_path / "models" / "m-0001.npz")
        facts = {"generator": generator, "step": 0, "model_id": "m-0000", "parent": None, "flags": ()}
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


def test_what_a_pool_offered_is_scored_from_stored_features_and_the_rest_as_ever(campaign, monkeypatch):
    structures = [rattled(seed) for seed in range(7)]
    request, store = campaign(structures, "query-by-committee", generator="pool/0")
    pool, _, _ = pooled(request, store.proposals(request.pool), store)
    told = {"chain": "pool/0", "step": 0, "state": None, "labels": ()}
    step = Explore(request.folder, request.settings, "m-0000", **told)
    pool_features.write(step, 2, structures[2:4])  # its beginning was never described
    assert not (request.folder / "features").exists() or stored_names(request, store) == []
    pool_features.write(step, 0, structures[:3])
    pool_features.write(step, 3, structures[3:5])
    pool_features.write(step, 3, structures[3:6])  # the same step again, that wrote less before it was killed
    assert stored_names(request, store) == list(request.pool[:6])
    monkeypatch.setattr(pool_features, "TOGETHER", 4)
    described = []
    members = NetworkCommittee.members
    monkeypatch.setattr(
        NetworkCommittee, "members", lambda self, s: described.append(len(s)) or members(self, s)
    )
    mixed = replace(request, pool=(*request.pool[4:], *request.pool[1:3]))
    again, scores, made = pooled(mixed, store.proposals(mixed.pool), store)
    assert described == [1]
    order = [4, 5, 6, 1, 2]
    np.testing.assert_allclose(again.committee, pool.committee[:, order], atol=1e-4)
    np.testing.assert_allclose(again.whole, pool.whole[order], atol=1e-4)
    np.testing.assert_allclose(again.energy_std, pool.energy_std[order], atol=1e-4)
    np.testing.assert_array_equal(again.n_atoms, [8] * 5)
    assert [score.atom_std is None for score in scores] == [True, True, False, True, True]
    assert len(made) == 5
    full = with_atoms(mixed, store.proposals(mixed.pool[1:3]), scores[1:3], store)
    assert (full[0].energy, full[1]) == (scores[1].energy, scores[2])
    expected = scored(store.folder, "m-0001", structures[5:6], np.zeros(1))[0].atom_std
    np.testing.assert_allclose(full[0].atom_std, expected)


@pytest.mark.parametrize("model_id", ["m-0000", "m-0001"])
def test_random_choice_reads_no_structure_but_the_picks(campaign, monkeypatch, model_id):
    structures = [rattled(seed) for seed in range(4)]
    request, store = campaign(structures, "random", "energy")
    request, read = replace(request, model_id=model_id), []
    read_structures = Store.structures
    monkeypatch.setattr(Store, "structures", lambda self, n: read.extend(n) or read_structures(self, n))
    rows = store.proposals(request.pool)
    pool, scores, made = pooled(request, rows, store)
    assert (read, made, pool.energy_std) == ([], (), None)
    (told,) = with_atoms(request, rows[2:3], scores[2:3], store)
    base = SW.predict(structures).energy[2:3]
    (expected,) = scored(store.folder, model_id, structures[2:3], base, request.pool[2:3])
    assert (told.candidate, told.energy_std) == (request.pool[2], expected.energy_std)
    assert told.energy == pytest.approx(expected.energy, abs=1e-9)
    assert read == ([] if model_id == "m-0000" else [request.pool[2]])


def test_before_the_first_fit_no_structure_is_read(campaign, monkeypatch):
    request, store = campaign([rattled(1), rattled(2)], "query-by-committee", "energy")
    monkeypatch.delattr(Reader, "structures")
    pool, _, made = pooled(replace(request, model_id="m-0000"), store.proposals(request.pool), store)
    assert [score.candidate for score in made] == list(request.pool)
    np.testing.assert_array_equal(pool.energy, [score.energy for score in made])


def stored_names(request, store):
    found = stored(request.folder, model_of(request.folder / "models" / "m-0001.npz"), request.pool, store)
    if found is None:
        return []
    return [name for name, there in zip(request.pool, found.there, strict=True) if there]


@pytest.mark.parametrize(("rule", "answers"), [("high-entropy", "energy"), ("query-by-committee", "all")])
def test_other_rules_and_by_default_look_at_energies_alone(campaign, rule, answers):
    request, store = campaign([rattled(1), rattled(2)], rule, answers)
    pool, _, _ = pooled(request, store.proposals(request.pool), store)
    assert pool.responses is None
    assert pool.scales is None
    assert pool.committee.shape == (3, 2)
