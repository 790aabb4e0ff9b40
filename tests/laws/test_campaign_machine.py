"""A rule-based state machine: whatever people wish and jobs do, the laws of the campaign hold."""

from collections import Counter

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.core import (
    Bridge,
    CancelRequested,
    CandidateApproved,
    CandidateDeferred,
    CandidateEdited,
    CandidateFollowed,
    CandidateSelected,
    CandidateVetoed,
    Characterise,
    CommandRefused,
    DecisionUndone,
    EditAsked,
    Finish,
    HoldEnded,
    ModelRefitted,
    Observe,
    ReferenceCompleted,
    ReferenceFailed,
    ReferenceSubmitted,
    Refit,
    RetryApproved,
    RunControlled,
    Status,
    Submit,
    VetoRule,
    VetoRuleAdopted,
    VetoRuleDropped,
    curation,
    due,
    fold,
    ledger,
)
from engine.core.campaign import BARE_MODEL
from tests.laws.strategies import CANDIDATES, World, commands


class CampaignMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.world = World()
        self.unselected = list(CANDIDATES)

    @rule(flagged=st.booleans(), points=st.sampled_from([1, 2]))
    def select(self, flagged, points):
        if self.unselected:
            self.world.select(self.unselected.pop(0), flagged=flagged, points=points)

    @rule(something=st.booleans())
    def label_is_followed(self, something):
        if self.unselected and self.world.follow_due(self.unselected[0] if something else None) and something:
            self.unselected.pop(0)

    @rule()
    def veto_is_drawn(self):
        if self.unselected and self.world.draw_due(self.unselected[0]):
            self.unselected.pop(0)

    @rule(something=st.booleans())
    def edit_is_made(self, something):
        if self.unselected and self.world.edit_due(self.unselected[0] if something else None) and something:
            self.unselected.pop(0)

    @invariant()
    def what_is_kept_beside_the_candidates_is_what_they_say(self):
        kept = self.world.campaign.candidates
        everyone = sorted(kept.values(), key=lambda c: (c.order, c.rank))
        for status in Status:
            assert kept.with_status(status) == [c for c in everyone if c.status is status]
            assert kept.count(status) == len(kept.with_status(status))
        for model_id in {c.model_id for c in everyone}:
            assert kept.chosen_with(model_id) == [c for c in everyone if c.model_id == model_id]
        assert kept.that_failed == [c for c in everyone if c.failures]
        assert kept.controls == [c for c in everyone if c.control_of]
        assert kept.that_owe == [c for c in everyone if c.status is Status.LABELLED and c.owed]
        own = [c for c in everyone if not c.control_of]
        assert kept.tally.spent == sum(c.calculations for c in own)
        assert kept.tally.owed == sum(c.owed for c in own)
        assert kept.tally.control == sum(c.calculations + c.owed for c in kept.controls)
        labelled = [(c.label_eV, c.id) for c in everyone if c.label_eV is not None]
        assert self.world.campaign.lowest == min(labelled, default=(0.0, ""))[1]

    @rule(command=commands())
    def wish(self, command):
        before = self.world.campaign
        events = self.world.obey(command)
        assert events
        if isinstance(events[0], CommandRefused):
            assert events[0].reason
            assert self.world.campaign.candidates == before.candidates
            assert self.world.campaign.state == before.state

    @rule(seconds=st.floats(0, 20))
    def wait(self, seconds):
        self.world.now += seconds
        self.world.submit_due()

    @rule(fails=st.sampled_from(["", "", "crashed", "not-converged", "setup"]))
    def job_ends(self, fails):
        running = self.world.campaign.with_status(Status.SUBMITTED)
        if running:
            self.world.finish(running[0].id, fails=fails)

    @rule()
    def cancelled_job_dies(self):
        for candidate in self.world.campaign.with_status(Status.SUBMITTED):
            if candidate.cancel:
                self.world.finish(candidate.id, fails="cancelled")

    @rule()
    def machine_goes_down(self):
        """Running jobs are lost; after the restart each is started once more."""
        for candidate in self.world.campaign.with_status(Status.SUBMITTED):
            attempt = candidate.attempt + 1
            folder = f"references/{candidate.id}-{attempt}"
            self.world.append(ReferenceSubmitted(candidate=candidate.id, attempt=attempt, folder=folder))

    @rule(accepted=st.booleans())
    def refit(self, accepted):
        refits = [action for action in due(self.world.campaign, self.world.now) if isinstance(action, Refit)]
        for action in refits:
            self.world.append(
                ModelRefitted(
                    model_id=action.model_id,
                    n_train=len(action.labels),
                    mae_new_eV=0.1,
                    mae_train_eV=0.1,
                    seconds=1.0,
                    accepted=accepted,
                )
            )

    @invariant()
    def the_last_accepted_model_searches(self):
        models = [item.event for item in self.world.log if isinstance(item.event, ModelRefitted)]
        accepted = [model.model_id for model in models if model.accepted]
        assert self.world.campaign.model_id == (accepted[-1] if accepted else BARE_MODEL)
        assert len({model.model_id for model in models}) == len(models)

    @invariant()
    def no_fit_is_repeated_with_the_same_labels(self):
        sizes = [item.event.n_train for item in self.world.log if isinstance(item.event, ModelRefitted)]
        assert sizes == sorted(set(sizes))

    @invariant()
    def log_replays_to_the_same_campaign(self):
        assert fold(self.world.log) == self.world.campaign

    @invariant()
    def rules_that_vetoes_taught_are_a_persons_and_decide_nothing(self):
        switched = {}
        for item in self.world.log:
            match item.event:
                case VetoRuleAdopted() as event:
                    assert event.auth == "local"
                    rule = VetoRule.of(event, item.time)
                    assert all(old.trait != rule.trait or old.side != rule.side for old in switched.values())
                    switched[rule.name] = rule
                case VetoRuleDropped(rule=name):
                    del switched[name]
        assert self.world.campaign.veto_rules == tuple(switched.values())

    @invariant()
    def nothing_is_spent_without_an_approval_in_force(self):
        approved = {}
        for item in self.world.log:
            match item.event:
                case CandidateApproved(candidate=c, hold_s=hold) | RetryApproved(candidate=c, hold_s=hold):
                    approved[c] = item.time + hold
                case HoldEnded(candidate=c):
                    approved[c] = min(approved[c], item.time)
                case CandidateFollowed(leader=leader, candidate=c):
                    approved[c] = approved[leader]
                case DecisionUndone(candidate=c) | CandidateVetoed(candidate=c):
                    approved.pop(c, None)
                case ReferenceSubmitted(candidate=c):
                    assert approved[c] <= item.time

    @invariant()
    def who_is_set_aside_waits_again_when_that_comes(self):
        aside = {}
        for item in self.world.log:
            match item.event:
                case CandidateDeferred(candidate=c, until=until):
                    aside[c] = until
                case (
                    CandidateApproved(candidate=c)
                    | CandidateVetoed(candidate=c)
                    | DecisionUndone(candidate=c)
                ):
                    aside.pop(c, None)
                case CandidateSelected(rank=1):
                    aside = {c: until for c, until in aside.items() if until != "next batch"}
                case ModelRefitted():
                    aside = {c: until for c, until in aside.items() if until != "next fit"}
        deferred = self.world.campaign.with_status(Status.DEFERRED)
        assert {c.id: c.until for c in deferred} == aside

    @invariant()
    def every_edit_is_answered_once(self):
        asked = [item.event.edit for item in self.world.log if isinstance(item.event, EditAsked)]
        answered = [item.event.edit for item in self.world.log if isinstance(item.event, CandidateEdited)]
        assert len(set(asked)) == len(asked)
        assert sorted([*answered, *(edit.edit for edit in self.world.campaign.edits)]) == asked

    @invariant()
    def what_is_to_be_measured_or_watched_delays_the_end_and_nothing_else(self):
        campaign, now = self.world.campaign, self.world.now
        owed = due(campaign, now)
        kept = [action for action in owed if not isinstance(action, Finish)]
        questions = {"unmeasured": Characterise, "unwatched": Observe, "unbridged": Bridge}
        for open_question, asked in questions.items():
            more = due(campaign, now, **{open_question: "m-0001"})
            assert not any(isinstance(action, Finish) for action in more)
            assert [action for action in more if not isinstance(action, asked)] == kept
            if kept != owed:
                assert more == [*kept, asked("m-0001")]

    @invariant()
    def the_budget_holds(self):
        campaign = self.world.campaign
        assert campaign.spent + campaign.approved + campaign.left == max(
            campaign.rules.budget, campaign.spent + campaign.approved
        )
        assert campaign.spent <= campaign.rules.budget
        assert all(candidate.owed >= 0 for candidate in campaign.candidates.values())

    @invariant()
    def the_control_sample_has_a_budget_of_its_own(self):
        campaign = self.world.campaign
        controls = [c for c in campaign.candidates.values() if c.control_of]
        assert sum(c.calculations + c.owed for c in controls) <= campaign.rules.control_budget
        assert len({c.control_of for c in controls}) == len(controls)
        assert all(campaign.candidates[c.control_of].status is Status.VETOED for c in controls)
        assert not any(campaign.candidates[c.control_of].attempt for c in controls)

    @invariant()
    def curation_counts_every_candidate_that_a_person_decided_once(self):
        said = curation(self.world.campaign)
        decided = [
            c
            for c in self.world.campaign.candidates.values()
            if c.decision and c.decision.auth == "local" and c.status is not Status.DEFERRED
        ]
        assert said.decided == sum(not (c.leader or c.parent or c.control_of) for c in decided)

    @invariant()
    def a_card_costs_no_more_than_its_approval_says(self):
        paid, sent = Counter(), Counter()
        leader = {}
        for item in self.world.log:
            match item.event:
                case CandidateApproved(candidate=c, points=points):
                    paid[leader.get(c, c)] += points
                case RetryApproved(candidate=c):
                    paid[leader.get(c, c)] += 1
                case CandidateFollowed(leader=first, candidate=c):
                    leader[c] = first
                case ReferenceSubmitted(candidate=c, attempt=1):
                    sent[leader.get(c, c)] += 1
        assert all(sent[c] <= paid[c] for c in sent)

    @invariant()
    def at_most_parallel_calculations_run(self):
        assert len(self.world.campaign.with_status(Status.SUBMITTED)) <= self.world.campaign.rules.parallel

    @invariant()
    def who_failed_is_tried_again_only_by_a_person_or_below_the_limit(self):
        campaign = self.world.campaign
        for action in due(campaign, self.world.now):
            if isinstance(action, Submit):
                candidate = campaign.candidates[action.candidate]
                assert candidate.status is Status.APPROVED or candidate not in campaign.quarantined

    @invariant()
    def after_failures_in_a_row_nothing_is_sent_until_somebody_says_so(self):
        in_row = 0
        for item in self.world.log:
            match item.event:
                case ReferenceFailed(failure="cancelled"):
                    pass
                case ReferenceFailed():
                    in_row += 1
                case ReferenceCompleted() | RunControlled(action="start" | "resume"):
                    in_row = 0
                case ReferenceSubmitted(attempt=1):
                    assert in_row < self.world.campaign.rules.pause_after

    @invariant()
    def the_ledger_adds_up(self):
        said = ledger(self.world.campaign)
        assert said.asked == said.undecided + said.approved + said.vetoed
        assert said.calculations == said.labelled + said.wasted + said.running
        assert said.wasted == said.failed + said.cancelled + said.lost
        assert said.calculations == sum(isinstance(item.event, ReferenceSubmitted) for item in self.world.log)

    @invariant()
    def what_is_cancelled_runs(self):
        wishes = [item.event for item in self.world.log if isinstance(item.event, CancelRequested)]
        assert len(wishes) == len({(wish.candidate, wish.attempt) for wish in wishes})

    @invariant()
    def every_calculation_ends_at_most_once(self):
        ended = [
            (item.event.candidate, item.event.attempt)
            for item in self.world.log
            if isinstance(item.event, ReferenceCompleted | ReferenceFailed)
        ]
        assert len(ended) == len(set(ended))
        labelled = [
            item.event.candidate for item in self.world.log if isinstance(item.event, ReferenceCompleted)
        ]
        assert len(labelled) == len(set(labelled))


TestCampaignMachine = CampaignMachine.TestCase
TestCampaignMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
