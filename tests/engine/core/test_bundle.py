"""One card, one approval, two calculations: the life of a bundle."""

import pytest

from engine.core import (
    ApproveCandidate,
    CandidateApproved,
    CandidateFollowed,
    Follow,
    Refit,
    Status,
    Submit,
    UndoDecision,
    VetoCandidate,
    due,
    ledger,
    selects,
)
from engine.core.folding import ImpossibleEventError
from tests.engine.core.test_due import POLICY, running

FIRST, DUAL, OTHER = "c-000001", "c-000002", "c-000003"
ADA = {"by": "ada", "auth": "local"}


def bundle(**rules):
    """A world with an approved card of two points."""
    world = running(**{"budget": 4, **rules})
    world.select(FIRST, points=2)
    (approved,) = world.obey(ApproveCandidate(**POLICY, candidate=FIRST))
    return world, approved


def money(world):
    campaign = world.campaign
    return campaign.spent, campaign.approved, campaign.left


def kinds(world):
    return [type(action) for action in due(world.campaign, world.now)]


def test_one_approval_pays_for_both():
    world, approved = bundle()
    assert (approved.points, money(world)) == (2, (0, 2, 2))
    world.submit_due()
    assert money(world) == (1, 1, 2)
    world.finish(FIRST)
    assert (money(world), due(world.campaign, world.now)) == ((1, 1, 2), [Follow(FIRST)])
    world.follow_due(DUAL)
    dual = world.campaign.candidates[DUAL]
    assert (dual.status, dual.leader, dual.decision) == (Status.APPROVED, FIRST, approved_by(world))
    assert (money(world), due(world.campaign, world.now)) == ((1, 1, 2), [Submit(DUAL, 1)])
    world.submit_due()
    world.finish(DUAL)
    assert (money(world), world.campaign.labels) == ((2, 0, 2), (FIRST, DUAL))
    said = ledger(world.campaign)
    assert (said.asked, said.approved, said.calculations, said.labelled) == (1, 1, 2, 2)
    with pytest.raises(ImpossibleEventError, match="nothing is to follow"):
        world.append(CandidateFollowed(leader=FIRST, candidate=OTHER, reason="", generator="", model_id=""))


def approved_by(world):
    return world.campaign.candidates[FIRST].decision


def test_the_last_calculation_of_a_budget_buys_a_bundle_without_its_follower():
    world, approved = bundle(budget=1)
    assert (approved.points, money(world)) == (1, (0, 1, 0))
    world.submit_due()
    world.finish(FIRST)
    assert Follow not in kinds(world)


def test_what_fails_or_leads_nowhere_gives_the_rest_back():
    world, _ = bundle()
    world.submit_due()
    world.finish(FIRST, fails="not-converged")
    assert money(world) == (1, 0, 3)
    world, _ = bundle()
    world.submit_due()
    world.finish(FIRST)
    world.follow_due(None)
    assert (money(world), Follow in kinds(world)) == ((1, 0, 3), False)


def test_what_is_taken_back_or_vetoed_is_not_paid():
    world, _ = bundle()
    world.obey(UndoDecision(**ADA, candidate=FIRST))
    assert money(world) == (0, 0, 4)
    (again,) = world.obey(ApproveCandidate(**ADA, candidate=FIRST))
    assert isinstance(again, CandidateApproved)
    assert (again.points, money(world)) == (2, (0, 2, 2))
    world.obey(VetoCandidate(**ADA, candidate=FIRST))
    assert money(world) == (0, 0, 4)


def test_a_person_may_still_veto_what_follows():
    world, _ = bundle()
    world.submit_due()
    world.finish(FIRST)
    world.follow_due(DUAL)
    world.obey(VetoCandidate(**ADA, candidate=DUAL))
    assert (world.campaign.candidates[DUAL].status, money(world)) == (Status.VETOED, (1, 0, 3))


def test_lockstep_waits_for_what_follows_before_it_fits_or_asks_again():
    world, _ = bundle(pace="lockstep", cold_start=1, refit_every=1)
    world.submit_due()
    world.finish(FIRST)
    assert kinds(world) == [Follow]
    assert not selects(world.campaign, 100)
    world.follow_due(DUAL)
    assert kinds(world) == [Submit]
    world.submit_due()
    world.finish(DUAL)
    assert kinds(world) == [Refit]


def test_a_crash_that_is_tried_again_without_a_person_buys_no_follower():
    world, _ = bundle(quarantine_after=2)
    world.submit_due()
    world.finish(FIRST, fails="crashed")
    world.obey(VetoCandidate(**ADA, candidate=FIRST))
    world.obey(UndoDecision(**ADA, candidate=FIRST))
    assert due(world.campaign, world.now) == [Submit(FIRST, 2)]
    world.submit_due()
    assert money(world) == (2, 0, 2)
    world.finish(FIRST)
    assert (money(world), Follow in kinds(world)) == ((2, 0, 2), False)
