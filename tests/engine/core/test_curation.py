"""What the rule alone would have sent, and the control sample of what people veto."""

import pytest

from engine.config import CurationSettings
from engine.core import (
    POLICIES,
    ApproveCandidate,
    CandidateFlagged,
    CandidateVetoed,
    CommandRefused,
    Control,
    ControlDrawn,
    ControlRun,
    Finish,
    RunControlled,
    SelectedFlag,
    Status,
    Submit,
    UndoDecision,
    VetoCandidate,
    curation,
    due,
)
from engine.core.folding import ImpossibleEventError
from tests.engine.core.test_due import POLICY, label, running

ADA = {"by": "ada", "auth": "local"}
C = [f"c-{k:06d}" for k in range(1, 60)]


def drawn(world):
    return [action.candidate for action in due(world.campaign, world.now) if isinstance(action, Control)]


def veto(world, candidate, who=ADA, **how):
    world.select(candidate, **how)
    world.obey(VetoCandidate(**who, candidate=candidate, reason="flat"))


def send(world, candidate, who=ADA, **how):
    world.select(candidate, **how)
    world.obey(ApproveCandidate(**who, candidate=candidate))


def test_what_the_rule_alone_would_have_sent_stands_beside_what_was_sent():
    world = running(budget=9, control=0.0, control_budget=0, parallel=9)
    send(world, C[0])
    send(world, C[1])
    veto(world, C[2])
    send(world, C[3], flagged=True)
    veto(world, C[4], flagged=True)
    send(world, C[5], who=POLICY)
    world.select(C[6])
    world.now += world.campaign.rules.hold
    world.submit_due()
    world.finish(C[0])
    world.finish(C[1], fails="crashed")
    world.finish(C[3])
    said = curation(world.campaign)
    groups = (said.agreed, said.spared, said.overruled, said.held, said.control)
    assert [group.candidates for group in groups] == [2, 1, 1, 1, 0]
    assert [group.labels for group in groups] == [1, 0, 1, 0, 0]
    assert said.agreed.wasted == 1
    assert (said.decided, said.rule_alone, said.sent) == (5, 3, 3)
    label = world.campaign.candidates[C[0]]
    assert said.agreed.error_eV is None, "before the first fit nothing was known of the reference"
    fitted = world.campaign.candidates.put(label._replace(model_id="m-0001"))
    learnt = curation(world.campaign._replace(candidates=fitted)).agreed.error_eV
    assert learnt == pytest.approx(abs(label.label_eV - label.energy_eV))
    assert said.core_seconds_each == label.seconds * label.cores


def test_a_snapshot_is_read_once_and_the_next_one_anew():
    world = running(budget=9)
    send(world, C[0])
    first, before = curation(world.campaign), world.campaign
    assert curation(before) is first
    veto(world, C[1])
    assert curation(world.campaign) != first
    assert curation(before) is first


def test_what_a_rule_of_people_catches_is_what_curation_changed():
    world = running()
    for candidate, flagged in ((C[0], False), (C[1], True)):
        world.select(candidate, flagged=flagged)
        caught = SelectedFlag(check="veto-rule", reason="S–S 1.8 Å, below 1.9: rule of ada")
        world.append(CandidateFlagged(candidate=candidate, flags=(caught,)))
        world.obey(VetoCandidate(**ADA, candidate=candidate, reason="too close"))
    said = curation(world.campaign)
    assert (said.spared.candidates, said.held.candidates, said.rule_alone) == (1, 1, 1)


def test_a_veto_is_drawn_once_it_stands_and_its_control_has_its_own_approval_and_budget():
    world = running(budget=1, control=1.0, control_budget=1)
    veto(world, C[0])
    veto(world, C[1])
    assert drawn(world) == []  # it can still be taken back
    world.now += world.campaign.rules.hold
    assert drawn(world) == [C[0]]  # the budget has room for one
    world.draw_due(C[2])
    control = world.campaign.candidates[C[2]]
    assert (control.status, control.control_of, drawn(world)) == (Status.WAITING, C[0], [])
    (refused,) = world.obey(UndoDecision(**ADA, candidate=C[0]))
    assert isinstance(refused, CommandRefused)
    assert f"decide about {C[2]}" in refused.reason
    world.obey(ApproveCandidate(**ADA, candidate=C[2]))
    assert (world.campaign.left, world.campaign.left_for(control)) == (1, 0)
    world.now += world.campaign.rules.hold
    world.submit_due()
    world.finish(C[2])
    assert (world.campaign.spent, world.campaign.left) == (0, 1)
    assert curation(world.campaign).control.labels == 1
    assert curation(world.campaign).decided == 2
    with pytest.raises(ImpossibleEventError):
        world.append(ControlDrawn(vetoed=C[2], candidate=C[3], reason=""))


def test_a_control_that_is_vetoed_makes_room_for_another():
    world = running(control=1.0, control_budget=1)
    veto(world, C[0])
    veto(world, C[1])
    world.now += 10
    world.draw_due(C[2])
    world.obey(VetoCandidate(**ADA, candidate=C[2], reason="no"))
    world.now += 10
    assert drawn(world) == [C[1]]


def test_what_a_control_has_cost_makes_no_room_for_another():
    world = running(control=1.0, control_budget=1, parallel=9, pause_after=9)
    veto(world, C[0])
    veto(world, C[1])
    world.now += 10
    world.draw_due(C[2])
    world.obey(ApproveCandidate(**ADA, candidate=C[2]))
    world.now += world.campaign.rules.hold
    world.submit_due()
    world.finish(C[2], fails="not-converged")
    world.obey(VetoCandidate(**ADA, candidate=C[2], reason="no"))
    world.now += 10
    assert drawn(world) == []


def test_a_policy_asks_for_no_control_that_nobody_pays_for():
    world = running(control=1.0, control_budget=1)
    veto(world, C[0])
    world.now += 10
    world.draw_due(C[1])
    card = world.campaign.candidates[C[1]]
    assert POLICIES["auto"](world.campaign, card).kind == "ApproveCandidate"
    none = world.campaign.rules.model_copy(update={"control_budget": 0})
    asked = POLICIES["auto"](world.campaign._replace(rules=none), card)
    assert (asked.kind, asked.reason) == ("VetoCandidate", "the budget of the control sample is spent")


def test_a_control_that_was_approved_at_the_end_is_calculated_once_the_campaign_goes_on():
    world = running(control=1.0, control_budget=1, budget=1, cold_start=9)
    veto(world, C[0])
    world.now += 10
    world.draw_due(C[1])
    label(world, C[2])
    assert [action for action in due(world.campaign, world.now) if isinstance(action, Finish)]
    world.append(RunControlled(action="finish", by="engine", auth="engine"))
    (refused,) = world.obey(ControlRun(**ADA, action="resume"))
    assert "the budget is spent" in refused.reason
    world.obey(ApproveCandidate(**ADA, candidate=C[1]))
    (gone_on,) = world.obey(ControlRun(**ADA, action="resume"))
    assert gone_on.action == "resume"
    world.now += world.campaign.rules.hold
    assert [a.candidate for a in due(world.campaign, world.now) if isinstance(a, Submit)] == [C[1]]


def test_beyond_the_control_budget_an_approval_is_refused_in_words():
    world = running(control=1.0, control_budget=1)
    veto(world, C[0])
    world.now += 10
    world.draw_due(C[1])
    world.obey(ApproveCandidate(**ADA, candidate=C[1]))
    world.obey(UndoDecision(**ADA, candidate=C[1]))
    cheap = world.campaign.rules.model_copy(update={"control_budget": 0})
    world.campaign = world.campaign._replace(rules=cheap)
    (refused,) = world.obey(ApproveCandidate(**ADA, candidate=C[1]))
    assert "budget of 0 reference calculations of the control sample" in refused.reason


def test_the_draw_takes_its_part_of_peoples_vetoes_and_none_of_a_policys():
    world = running(control=0.3, control_budget=99)
    for candidate in C[:50]:
        veto(world, candidate, who=POLICY if candidate in C[:10] else ADA)
    world.now += 10
    names = drawn(world)
    assert not set(names) & set(C[:10])
    assert 4 <= len(names) <= 20  # 12 of 40 ± 2.9
    assert drawn(world) == names
    vetoes = [item.event.candidate for item in world.log if isinstance(item.event, CandidateVetoed)]
    assert names == [name for name in vetoes if name in names]


def test_a_control_sample_without_a_budget_is_refused():
    with pytest.raises(ValueError, match="set control_budget as well"):
        CurationSettings(control=0.1)
