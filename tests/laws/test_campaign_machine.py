"""A rule-based state machine: whatever people wish and jobs do, the laws of the campaign hold."""

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.core import (
    CandidateApproved,
    CommandRefused,
    DecisionUndone,
    ModelRefitted,
    ReferenceCompleted,
    ReferenceFailed,
    ReferenceSubmitted,
    Refit,
    Status,
    due,
    fold,
)
from engine.core.campaign import BARE_MODEL
from tests.laws.strategies import CANDIDATES, World, commands


class CampaignMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.world = World()
        self.unselected = list(CANDIDATES)

    @rule(flagged=st.booleans())
    def select(self, flagged):
        if self.unselected:
            self.world.select(self.unselected.pop(0), flagged=flagged)

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

    @rule(fails=st.booleans())
    def job_ends(self, fails):
        running = self.world.campaign.with_status(Status.SUBMITTED)
        if running:
            self.world.finish(running[0].id, fails=fails)

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
    def nothing_is_spent_without_an_approval_in_force(self):
        approved = {}
        for item in self.world.log:
            match item.event:
                case CandidateApproved(candidate=c, hold_s=hold):
                    approved[c] = item.time + hold
                case DecisionUndone(candidate=c):
                    approved.pop(c, None)
                case ReferenceSubmitted(candidate=c):
                    assert approved[c] <= item.time

    @invariant()
    def the_budget_holds(self):
        campaign = self.world.campaign
        assert campaign.spent + campaign.approved + campaign.left == max(
            campaign.rules.budget, campaign.spent + campaign.approved
        )
        assert campaign.spent <= campaign.rules.budget

    @invariant()
    def at_most_parallel_calculations_run(self):
        assert len(self.world.campaign.with_status(Status.SUBMITTED)) <= self.world.campaign.rules.parallel

    @invariant()
    def every_calculation_ends_at_most_once(self):
        ended = [
            item.event.candidate
            for item in self.world.log
            if isinstance(item.event, ReferenceCompleted | ReferenceFailed)
        ]
        assert len(ended) == len(set(ended))


TestCampaignMachine = CampaignMachine.TestCase
TestCampaignMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
