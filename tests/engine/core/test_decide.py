"""Who wins, and what the loser is told."""

import json

import pytest

from engine.core import (
    ApproveCandidate,
    CancelReference,
    ChangeBudget,
    CommandRefused,
    ControlRun,
    DeferCandidate,
    EditCandidate,
    ModelRefitted,
    ReferenceChange,
    ReferenceSubmitted,
    RetryReference,
    Rework,
    SendNow,
    Status,
    UndoDecision,
    VetoCandidate,
    due,
    ledger,
)
from tests.laws.strategies import RULES, World

ADA = {"by": "ada", "auth": "local"}
BEN = {"by": "ben", "auth": "local"}
POLICY = {"by": "auto", "auth": "policy"}
C1 = "c-000001"


@pytest.fixture
def world():
    world = World()
    world.obey(ControlRun(**ADA, action="start"))
    for k in range(1, 7):
        world.select(f"c-{k:06d}", flagged=k == 2)
    return world


def refused(events):
    (event,) = events
    assert isinstance(event, CommandRefused)
    return event.reason


def status(world, candidate=C1):
    return world.campaign.candidates[candidate].status


def test_veto_beats_another_persons_approval_until_it_is_submitted(world):
    world.obey(ApproveCandidate(**ADA, candidate=C1))
    world.obey(VetoCandidate(**BEN, candidate=C1, reason="duplicate"))
    assert status(world) is Status.VETOED
    assert world.campaign.candidates[C1].decision.by == "ben"


def test_approval_never_beats_a_veto_and_the_loser_is_told_who_and_when(world):
    world.obey(VetoCandidate(**BEN, candidate=C1, reason="atoms too close"))
    world.now += 3
    reason = refused(world.obey(ApproveCandidate(**ADA, candidate=C1)))
    assert reason == "ben vetoed this 3 s ago: atoms too close"
    world.obey(UndoDecision(**ADA, candidate=C1))
    world.obey(ApproveCandidate(**ADA, candidate=C1))
    assert status(world) is Status.APPROVED


def test_policy_cannot_veto_what_a_person_approved(world):
    world.obey(ApproveCandidate(**ADA, candidate=C1))
    assert "approved" in refused(world.obey(VetoCandidate(**POLICY, candidate=C1)))
    assert status(world) is Status.APPROVED


def test_person_vetoes_what_a_policy_approved(world):
    world.obey(ApproveCandidate(**POLICY, candidate=C1))
    world.obey(VetoCandidate(**ADA, candidate=C1))
    assert status(world) is Status.VETOED


def test_approvals_of_people_are_held_and_those_of_policies_are_not(world):
    world.obey(ApproveCandidate(**ADA, candidate=C1))
    world.obey(ApproveCandidate(**POLICY, candidate="c-000003"))
    assert [action.candidate for action in world.submit_due()] == ["c-000003"]
    world.now += 9.9
    assert world.submit_due() == []
    world.now += 0.2
    assert [action.candidate for action in world.submit_due()] == [C1]


def test_nothing_is_undone_once_it_is_submitted(world):
    world.obey(ApproveCandidate(**ADA, candidate=C1))
    world.now += 10
    world.submit_due()
    assert "sent to the reference" in refused(world.obey(UndoDecision(**ADA, candidate=C1)))
    assert "sent to the reference" in refused(world.obey(VetoCandidate(**ADA, candidate=C1)))


def test_overruled_flags_are_written_down(world):
    (event,) = world.obey(ApproveCandidate(**ADA, candidate="c-000002"))
    assert event.overruled == ("closest-pair",)


def test_budget_counts_promises_and_is_refused_beyond(world):
    for k in (1, 2, 3, 4):
        world.obey(ApproveCandidate(**ADA, candidate=f"c-{k:06d}"))
    assert world.campaign.left == 0
    assert "budget of 4" in refused(world.obey(ApproveCandidate(**ADA, candidate="c-000005")))
    world.obey(UndoDecision(**ADA, candidate=C1))
    world.obey(ApproveCandidate(**ADA, candidate="c-000005"))
    assert status(world, "c-000005") is Status.APPROVED
    assert "spent or promised" in refused(world.obey(ChangeBudget(**ADA, budget=3)))
    world.obey(ChangeBudget(**ADA, budget=6))
    assert world.campaign.left == 2


def test_deferring_moves_to_the_end_of_the_queue(world):
    world.obey(DeferCandidate(**ADA, candidate=C1))
    assert [c.id for c in world.campaign.waiting][-1] == C1
    world.obey(ApproveCandidate(**ADA, candidate=C1))
    assert status(world) is Status.APPROVED


def test_nothing_is_submitted_while_paused(world):
    world.obey(ApproveCandidate(**POLICY, candidate=C1))
    world.obey(ControlRun(**ADA, action="pause"))
    assert world.submit_due() == []
    world.obey(ControlRun(**ADA, action="resume"))
    assert [action.candidate for action in world.submit_due()] == [C1]


@pytest.mark.parametrize(
    ("action", "words"), [("start", "cannot start a campaign that is running"), ("resume", "cannot resume")]
)
def test_impossible_controls_are_refused_in_words(world, action, words):
    assert words in refused(world.obey(ControlRun(**ADA, action=action)))


def test_unknown_candidate_is_refused_in_words(world):
    assert refused(world.obey(UndoDecision(**ADA, candidate="c-424242"))) == "there is no candidate c-424242"


def failed(world, candidate=C1, kind="crashed"):
    world.obey(ApproveCandidate(**POLICY, candidate=candidate))
    world.submit_due()
    world.finish(candidate, fails=kind)


def test_a_failed_calculation_is_retried_with_other_settings_after_a_hold(world):
    failed(world, kind="not-converged")
    assert "retry it or veto it" in refused(world.obey(ApproveCandidate(**ADA, candidate=C1)))
    change = ReferenceChange(settings={"mixing": 0.1}, time_limit=7200)
    (event,) = world.obey(RetryReference(**ADA, candidate=C1, change=change, note="slower"))
    assert (event.change, event.hold_s) == (change, 10.0)
    assert world.submit_due() == []
    world.now += 10
    assert [(a.candidate, a.attempt) for a in world.submit_due()] == [(C1, 2)]
    assert world.campaign.candidates[C1].change == change
    world.finish(C1)
    candidate = world.campaign.candidates[C1]
    assert (candidate.status, candidate.failure) == (Status.LABELLED, None)
    assert [failure.kind for failure in candidate.failures] == ["not-converged"]


def test_a_retry_is_undone_and_a_failure_is_vetoed_and_back(world):
    failed(world)
    world.obey(RetryReference(**ADA, candidate=C1))
    world.obey(UndoDecision(**BEN, candidate=C1))
    assert status(world) is Status.FAILED
    world.obey(VetoCandidate(**BEN, candidate=C1, reason="atoms too close"))
    assert status(world) is Status.VETOED
    assert "only a failed calculation is retried" in refused(world.obey(RetryReference(**ADA, candidate=C1)))
    world.obey(UndoDecision(**BEN, candidate=C1))
    assert status(world) is Status.FAILED
    assert "sent to the reference" in refused(world.obey(VetoCandidate(**POLICY, candidate=C1)))


def test_a_retry_that_is_undone_leaves_nothing_of_what_it_was_told(world):
    failed(world)
    told = world.campaign.candidates[C1].change
    world.obey(RetryReference(**ADA, candidate=C1, change=ReferenceChange(settings={"xc": "wrong"})))
    assert world.campaign.candidates[C1].change.settings == {"xc": "wrong"}
    world.obey(UndoDecision(**ADA, candidate=C1))
    assert world.campaign.candidates[C1].change == told


def test_each_retry_is_spent_from_the_budget_and_a_lost_start_is_not(world):
    failed(world)
    world.obey(RetryReference(**ADA, candidate=C1))
    assert (world.campaign.spent, world.campaign.approved, world.campaign.left) == (1, 1, 2)
    world.now += 10
    world.submit_due()
    world.append(ReferenceSubmitted(candidate=C1, attempt=3, folder="references/c-000001-3"))
    assert (world.campaign.spent, world.campaign.left) == (2, 2)
    world.finish(C1, fails="timeout")
    for k in (3, 4):
        world.obey(ApproveCandidate(**ADA, candidate=f"c-{k:06d}"))
    assert "budget of 4" in refused(world.obey(RetryReference(**ADA, candidate=C1)))


def test_a_running_calculation_is_cancelled_once_and_costs_what_it_cost(world):
    world.obey(ApproveCandidate(**POLICY, candidate=C1))
    assert "no calculation of it runs" in refused(world.obey(CancelReference(**ADA, candidate=C1)))
    world.submit_due()
    (event,) = world.obey(CancelReference(**ADA, candidate=C1, note="wrong box"))
    assert (event.attempt, status(world)) == (1, Status.SUBMITTED)
    assert refused(world.obey(CancelReference(**BEN, candidate=C1))) == "ada has cancelled this already"
    world.finish(C1, fails="cancelled")
    said = ledger(world.campaign)
    assert (said.cancelled, said.failed, said.wasted, said.wasted_core_seconds) == (1, 0, 1, 8.0)


def test_a_calculation_that_finished_before_it_could_be_cancelled_counts(world):
    world.obey(ApproveCandidate(**POLICY, candidate=C1))
    world.submit_due()
    world.obey(CancelReference(**ADA, candidate=C1))
    world.finish(C1)
    assert status(world) is Status.LABELLED
    assert ledger(world.campaign).wasted == 0


def test_an_approval_is_sent_before_its_hold_is_over(world):
    assert "no approval of it is held" in refused(world.obey(SendNow(**ADA, candidate=C1)))
    world.obey(ApproveCandidate(**ADA, candidate=C1))
    world.now += 1
    assert world.submit_due() == []
    world.obey(SendNow(**BEN, candidate=C1))
    assert world.campaign.candidates[C1].decision.by == "ada"
    assert [a.candidate for a in world.submit_due()] == [C1]
    assert "is submitted" in refused(world.obey(SendNow(**ADA, candidate=C1)))


def test_a_candidate_deferred_until_the_next_batch_waits_again_with_it(world):
    world.obey(DeferCandidate(**ADA, candidate=C1, until="next batch"))
    assert (status(world), world.campaign.candidates[C1].until) == (Status.DEFERRED, "next batch")
    world.select("c-000009")
    assert (status(world), world.campaign.candidates[C1].decision) == (Status.WAITING, None)
    world.obey(DeferCandidate(**ADA, candidate=C1, until="next fit"))
    world.obey(ApproveCandidate(**ADA, candidate=C1))
    world.append(ModelRefitted(model_id="m-0001", n_train=2, mae_new_eV=0.1, mae_train_eV=0.1, seconds=1.0))
    assert status(world) is Status.APPROVED


def test_an_edit_is_asked_for_while_the_campaign_runs_or_is_paused(world):
    wish = EditCandidate(**ADA, candidate=C1, moves=((0, 1.0, 2.0, 3.0),), steps=5)
    world.obey(ControlRun(**ADA, action="stop"))
    assert "campaign is stopped" in refused(world.obey(wish))
    world.obey(ControlRun(**ADA, action="resume"))
    nothing, twice = {"moves": (), "steps": 0}, {"moves": (*wish.moves, *wish.moves)}
    assert "moves an atom" in refused(world.obey(wish.model_copy(update=nothing)))
    assert "one place" in refused(world.obey(wish.model_copy(update=twice)))
    world.obey(ControlRun(**ADA, action="pause"))
    (event,) = world.obey(wish)
    assert (event.edit, event.parent) == ("e-0001", C1)
    assert Rework("e-0001") in due(world.campaign, world.now)


def test_in_quarantine_only_a_person_may_try_again(world):
    for _ in range(RULES.quarantine_after):
        assert world.campaign.quarantined == []
        if status(world) is Status.FAILED:
            world.obey(RetryReference(**POLICY, candidate=C1))
            world.submit_due()
            world.finish(C1, fails="timeout")
        else:
            failed(world, kind="timeout")
    assert [c.id for c in world.campaign.quarantined] == [C1]
    assert "only a person" in refused(world.obey(RetryReference(**POLICY, candidate=C1)))
    world.submit_due()  # twice in a row: it pauses itself
    world.obey(ControlRun(**ADA, action="resume"))
    world.obey(RetryReference(**ADA, candidate=C1))
    world.now += 10
    world.submit_due()
    world.finish(C1)
    assert world.campaign.quarantined == [], "a label takes it out"


@pytest.mark.parametrize("bad", [{"x": float("nan")}, {"x": {"y": [float("inf")]}}])
def test_a_change_that_a_log_cannot_hold_is_an_error(bad):
    with pytest.raises(ValueError, match="finite number"):
        ReferenceChange(settings=bad)
    with pytest.raises(ValueError, match="not JSON compliant"):
        ReferenceChange.model_validate_json(json.dumps({"settings": bad}))
