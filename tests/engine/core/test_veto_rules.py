"""A rule that vetoes taught: who may switch it on and off, and what it catches."""

import pytest

from engine.core import (
    AdoptVetoRule,
    ApproveCandidate,
    CommandRefused,
    DropVetoRule,
    Status,
    VetoCandidate,
    VetoRule,
    VetoRuleAdopted,
    VetoRuleDropped,
    verdicts,
)
from engine.core.folding import ImpossibleEventError
from engine.core.verdicts import said_traits
from engine.core.veto_rules import is_trait
from tests.engine.core.test_curation import ADA, C, send, veto
from tests.engine.core.test_due import POLICY, running

SHORT = {"trait": "distance S-S", "side": "below", "limit": 1.9}


def test_a_rule_is_switched_on_and_off_by_a_person_and_decides_nothing():
    world = running()
    world.select(C[0])
    (adopted,) = world.obey(AdoptVetoRule(**ADA, **SHORT, reason="6 of 6 were vetoed"))
    assert isinstance(adopted, VetoRuleAdopted)
    (rule,) = world.campaign.veto_rules
    assert (rule.name, rule.words) == ("distance S-S below 1.9", "S–S below 1.9 Å")
    assert (rule.by, rule.auth, rule.time) == ("ada", "local", world.now)
    assert world.campaign.candidates[C[0]].status is Status.WAITING
    (dropped,) = world.obey(DropVetoRule(**ADA, rule=rule.name))
    assert isinstance(dropped, VetoRuleDropped)
    assert world.campaign.veto_rules == ()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (AdoptVetoRule(**ADA, trait="mood", side="below", limit=1.0), "nothing called mood is measured"),
        (AdoptVetoRule(**ADA, **(SHORT | {"limit": 2.5})), r"ada has a rule for that: S–S below 1.9 Å"),
        (AdoptVetoRule(**POLICY, trait="sigma", side="above", limit=1.0), "only a person makes a rule"),
        (DropVetoRule(**ADA, rule="distance S-S below 2"), "there is no rule distance S-S below 2"),
        (DropVetoRule(**POLICY, rule="distance S-S below 1.9"), "only a person switches a rule off"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_in_words(command, words):
    world = running()
    world.obey(AdoptVetoRule(**ADA, **SHORT))
    (refused,) = world.obey(command)
    assert isinstance(refused, CommandRefused)
    assert words in refused.reason
    assert len(world.campaign.veto_rules) == 1


def test_no_log_switches_a_rule_on_twice_or_off_before():
    world = running()
    off = VetoRuleDropped(rule="distance S-S below 1.9", **ADA)
    with pytest.raises(ImpossibleEventError, match="there is no rule"):
        world.append(off)
    world.append(VetoRuleAdopted(**SHORT, **ADA))
    with pytest.raises(ImpossibleEventError, match="switched on already"):
        world.append(VetoRuleAdopted(**SHORT, **ADA))


def test_it_catches_what_lies_beyond_its_limit_and_nothing_that_was_not_measured():
    rule = VetoRule(**SHORT, by="ada")
    assert rule.catches({"distance S-S": 1.72})
    assert not rule.catches({"distance S-S": 1.9})
    assert not rule.catches({"distance Ag-S": 1.2})
    assert rule.reason({"distance S-S": 1.72}) == "S–S 1.72 Å, below 1.9: rule of ada"
    assert VetoRule("fragments", "above", 1.0).catches({"fragments": 2.0})
    assert VetoRule("fragments", "above", 1.0).words == "the number of fragments above 1"


def test_pairs_of_elements_are_named_in_one_order():
    assert is_trait("distance Ag-S")
    assert is_trait("volume")
    assert not is_trait("distance S-Ag")
    assert not is_trait("distance S")
    assert not is_trait("distance S-S-S")


def test_only_what_people_decided_by_looking_at_it_is_learnt_from():
    world = running(budget=9, control=1.0, control_budget=2, parallel=9)
    veto(world, C[0])
    send(world, C[1])
    veto(world, C[2], who=POLICY)
    send(world, C[3], who=POLICY)
    send(world, C[4])
    world.select(C[5])
    world.now += 10
    world.submit_due()
    world.finish(C[4], fails="crashed")
    world.obey(VetoCandidate(**ADA, candidate=C[4], reason="its calculation failed"))
    world.draw_due(C[6])
    world.obey(ApproveCandidate(**ADA, candidate=C[6]))
    said = verdicts(world.campaign)
    ids = [tuple(c.id for c in some) for some in (said.vetoed, said.kept, said.waiting)]
    assert ids == [(C[0],), (C[1],), (C[5],)]
    assert said_traits(said.vetoed[0]) == {"energy above lowest": 0.0}
