"""What vetoes teach in a campaign: a rule is suggested, tried, switched on, and flags what comes."""

import json
import threading

import numpy as np
import pytest

from engine import config
from engine.cli.decide import Verdict, decide
from engine.cli.folder import status
from engine.core import (
    AdoptVetoRule,
    CandidateFlagged,
    CandidateSelected,
    RunControlled,
    VetoRule,
    VetoRuleAdopted,
    fold,
    verdicts,
)
from engine.loop import Explorers, Runner
from engine.loop.messages import Select
from engine.loop.tasks import select
from engine.loop.vetoes import learn
from engine.store import Store
from tests.support import history, toy
from tests.support.vetoed import ADA, make

RULE = {"trait": "distance S-S", "side": "below", "limit": 1.9}


@pytest.fixture
def folder(tmp_path):
    short = np.linspace(1.6, 1.85, 10)
    return make(tmp_path / "c", short, np.linspace(2.05, 3.0, 18), (1.7001, 2.5001), pool=(1.65001, 2.70001))


def campaign_of(folder):
    return fold(history.events(folder))


def test_what_vetoes_have_in_common_is_suggested_with_what_it_would_have_done(folder):
    said = verdicts(campaign_of(folder))
    lessons = learn(folder, said)
    assert lessons == learn(folder, said)
    first = lessons.suggestions[0]
    assert (first.rule.trait, first.rule.side) == ("distance S-S", "below")
    assert 1.85 < first.rule.limit <= 2.05
    assert (first.caught, first.stopped) == (said.vetoed, ())
    assert first.waiting == (said.waiting[0].id,)
    assert "10 of 10 decided candidates with S–S below 2 Å were vetoed" in first.words
    assert "10 of 10 vetoed candidates, 0 of 18 approved ones and 1 that wait" in first.preview
    assert learn(folder, said, [first.rule]).suggestions == ()


def test_the_nearest_decided_ones_say_which_waiting_candidate_is_likely_to_be_vetoed(folder):
    said = verdicts(campaign_of(folder))
    short, long = (learn(folder, said).likely[c.id] for c in said.waiting)
    assert short.probability > 0.6
    assert long.probability < 0.3
    assert short.words == f"{short.vetoed} of the 8 nearest decided ones were vetoed: atoms too close"
    assert long.vetoed < short.vetoed


def test_few_vetoes_and_vetoes_of_all_kinds_teach_nothing(tmp_path):
    few = make(tmp_path / "few", (1.7, 1.75, 1.8), np.linspace(2.05, 3.0, 9), (1.71,))
    lessons = learn(few, verdicts(campaign_of(few)))
    assert (lessons.suggestions, lessons.likely, lessons.skill) == ((), {}, "")
    mixed = make(tmp_path / "mixed", np.linspace(2.0, 3.0, 9), np.linspace(2.05, 3.01, 18), (1.7,))
    assert learn(mixed, verdicts(campaign_of(mixed))).suggestions == ()


def test_once_it_is_switched_on_what_waits_is_flagged_and_nothing_is_decided(folder):
    store = Store(folder)
    before = verdicts(campaign_of(folder))
    store.post(AdoptVetoRule(**ADA, **RULE), 2000.0)
    decide(folder, before.waiting[1].id, Verdict.defer)  # whoever answers one wish answers all
    store.close()
    flagged = [item.event for item in history.events(folder) if isinstance(item.event, CandidateFlagged)]
    assert [event.candidate for event in flagged] == [before.waiting[0].id]
    assert flagged[0].flags[0].reason == "S–S 1.7 Å, below 1.9: rule of ada"
    after = verdicts(campaign_of(folder))
    assert {c.id for c in after.waiting} == {c.id for c in before.waiting}
    assert [c.id for c in after.decided] == [c.id for c in before.decided]


def test_a_selection_puts_what_a_rule_catches_behind_and_flags_it(folder):
    settings = config.load(folder)
    store = Store(folder)
    pool = tuple(store.pool(10))
    store.close()
    known = tuple(campaign_of(folder).candidates)
    request = Select(folder, settings, "m-0000", pool, known, (), ())
    without = {chosen.candidate: chosen.flags for chosen in select(request).chosen}
    assert set(without) == set(pool)
    assert not any(without.values())
    ruled = Select(folder, settings, "m-0000", pool, known, (), (), veto_rules=(VetoRule(**RULE, by="ada"),))
    last = select(ruled).chosen[-1]
    assert last.candidate == pool[0]
    assert [flag.reason for flag in last.flags] == ["S–S 1.65 Å, below 1.9: rule of ada"]
    assert last.terms["checks"] < 0


def test_the_status_has_the_rules_and_what_decisions_cost(folder, capsys):
    store = Store(folder)
    store.post(AdoptVetoRule(**ADA, **RULE), 2000.0)
    first, *_ = (c.id for c in campaign_of(folder).waiting)
    decide(folder, first, Verdict.defer)
    store.close()
    capsys.readouterr()
    status(folder, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["veto_rules"] == ["distance S-S below 1.9"]
    (ada,) = said["regret"]["people"]
    assert (ada["name"], len(ada["vetoes"]), ada["missed"], ada["approvals"]) == ("ada", 10, [], [])
    assert [reason["name"] for reason in said["regret"]["reasons"]] == ["atoms too close"]


def test_a_running_campaign_flags_what_it_finds_by_its_rules(tmp_path):
    folder = toy.make(tmp_path / "toy", policy="person", pace="live")
    found, seen = [], threading.Event()

    def listen(item):
        if isinstance(item.event, CandidateSelected):
            found.append(item.event)
            seen.set()

    explorers = Explorers(1)
    runner = Runner(folder, config.load(folder), explorers, listen)
    Store.create(folder).close()
    store = Store(folder)
    store.post(AdoptVetoRule(**ADA, trait="thickness", side="above", limit=0.01), 1.0)
    start = RunControlled(action="start", **ADA)
    thread = threading.Thread(target=runner.run, args=(start,))
    thread.start()
    assert seen.wait(120)
    runner.close()
    thread.join()
    explorers.close()
    store.close()
    kinds = [type(item.event) for item in history.events(folder)]
    assert kinds.index(VetoRuleAdopted) < kinds.index(CandidateSelected)
    assert {flag.check for event in found for flag in event.flags} >= {"veto-rule"}
