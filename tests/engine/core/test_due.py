import pytest

from engine.core import (
    ApproveCandidate,
    Cancel,
    CancelReference,
    CandidateApproved,
    CandidateSelected,
    Characterise,
    ControlRun,
    DeferCandidate,
    Exploration,
    Finish,
    ModelRefitted,
    Pause,
    Recorded,
    ReferenceSubmitted,
    Refit,
    RunControlled,
    SelectedFlag,
    UndoDecision,
    VetoCandidate,
    apply,
    due,
    explores,
    loads,
    selects,
)
from engine.core.folding import ImpossibleEventError
from tests.laws.strategies import CANDIDATES, RULES, World

POLICY = {"by": "auto", "auth": "policy"}


def running(**rules):
    world = World()
    world.campaign = world.campaign._replace(rules=RULES.model_copy(update=rules))
    world.obey(ControlRun(by="ada", auth="local", action="start"))
    return world


def label(world, candidate):
    world.select(candidate)
    world.obey(ApproveCandidate(**POLICY, candidate=candidate))
    world.submit_due()
    world.finish(candidate)


def refitted(world, **how):
    model = f"m-{len(world.campaign.models) + 1:04d}"
    n = len(world.campaign.labels)
    errors = {"mae_new_eV": 0.1, "mae_train_eV": 0.1}
    world.append(ModelRefitted(model_id=model, n_train=n, **errors, seconds=1.0, **how))


def refits(world):
    return [action for action in due(world.campaign, world.now) if isinstance(action, Refit)]


def test_refits_come_at_counts_of_labels():
    world = running(cold_start=2, refit_every=3, budget=9)
    label(world, CANDIDATES[0])
    assert refits(world) == []
    label(world, CANDIDATES[1])
    assert refits(world) == [Refit("m-0001", tuple(CANDIDATES[:2]))]
    refitted(world)
    for k in (2, 3):
        label(world, CANDIDATES[k])
        assert refits(world) == []
    label(world, CANDIDATES[4])
    assert [action.model_id for action in refits(world)] == ["m-0002"]


def test_after_a_refit_that_was_worse_the_old_model_searches_until_the_next_count():
    world = running(cold_start=2, refit_every=2, budget=9)
    for candidate in CANDIDATES[:2]:
        label(world, candidate)
    refitted(world)
    for candidate in CANDIDATES[2:4]:
        label(world, candidate)
    refitted(world, accepted=False)
    assert (world.campaign.model_id, world.campaign.n_fitted, world.campaign.n_tried) == ("m-0001", 2, 4)
    assert refits(world) == []
    assert explores(world.campaign, pool=0)
    label(world, CANDIDATES[4])
    assert refits(world) == []
    label(world, CANDIDATES[5])
    assert refits(world) == [Refit("m-0003", tuple(CANDIDATES[:6]))]
    refitted(world)
    assert (world.campaign.model_id, world.campaign.n_fitted) == ("m-0003", 6)


def test_a_last_refit_that_was_worse_ends_the_campaign_too():
    world = running(cold_start=2, refit_every=3, budget=3)
    for candidate in CANDIDATES[:2]:
        label(world, candidate)
    refitted(world)
    label(world, CANDIDATES[2])
    refitted(world, accepted=False)
    assert due(world.campaign, world.now) == [Finish()]
    assert world.campaign.model_id == "m-0001"


def test_the_end_is_one_last_refit_and_then_finish():
    world = running(cold_start=2, refit_every=3, budget=3)
    for k in (0, 1):
        label(world, CANDIDATES[k])
    refitted(world)
    label(world, CANDIDATES[2])
    assert [type(action) for action in due(world.campaign, world.now)] == [Refit]
    refitted(world)
    assert due(world.campaign, world.now) == [Finish()]


def test_approvals_go_out_in_the_order_they_were_given():
    world = running(parallel=2)
    for candidate in CANDIDATES[:3]:
        world.select(candidate)
    for candidate in (CANDIDATES[2], CANDIDATES[0], CANDIDATES[1]):
        world.now += 1
        world.obey(ApproveCandidate(by="ada", auth="local", candidate=candidate))
    world.now += 60
    assert [action.candidate for action in world.submit_due()] == [CANDIDATES[2], CANDIDATES[0]]


def test_live_search_goes_on_while_people_think_until_the_pool_is_full():
    world = running(pool=20, batch=2, queue=4)
    for candidate in CANDIDATES[:4]:
        world.select(candidate)
    assert explores(world.campaign, pool=19)
    assert not explores(world.campaign, pool=20)
    assert not selects(world.campaign, pool=19)  # the queue is full


def test_queue_has_a_bound():
    world = running(batch=2, queue=4)
    assert selects(world.campaign, pool=4)
    assert not selects(world.campaign, pool=3)
    for candidate in CANDIDATES[:3]:
        world.select(candidate)
    assert not selects(world.campaign, pool=10)


def test_lockstep_does_one_thing_after_another():
    world = running(pace="lockstep", batch=2)
    assert explores(world.campaign, pool=0)
    assert selects(world.campaign, pool=4)
    assert not explores(world.campaign, pool=4)
    world.select(CANDIDATES[0])
    assert not explores(world.campaign, pool=0)
    assert not selects(world.campaign, pool=4)


@pytest.mark.parametrize(
    "event",
    [
        ReferenceSubmitted(candidate=CANDIDATES[0], attempt=1, folder="x"),
        CandidateApproved(candidate=CANDIDATES[1], by="ada", auth="local", hold_s=0.0),
    ],
)
def test_an_event_that_cannot_follow_is_an_error(event):
    world = running()
    world.select(CANDIDATES[0])
    with pytest.raises(ImpossibleEventError, match="event"):
        world.append(event)


def test_a_gap_in_the_log_is_an_error():
    world = running()
    with pytest.raises(ImpossibleEventError, match="cannot follow"):
        apply(world.campaign, Recorded(seq=99, time=0.0, event=world.log[0].event))


def repeated(world, count, check="duplicate"):
    first = len(world.campaign.candidates) + 1
    for k in range(first, first + count):
        world.append(
            CandidateSelected(
                candidate=f"c-{k:06d}",
                rank=1,
                reason="because",
                generator="toy",
                model_id="m-0000",
                energy_eV=-1.0,
                energy_std_eV=None,
                terms={},
                flags=(SelectedFlag(check=check, reason="the same minimum as c-000001"),),
            )
        )
        world.obey(VetoCandidate(**POLICY, candidate=f"c-{k:06d}"))


def ends(world):
    return [action for action in due(world.campaign, world.now) if isinstance(action, Finish)]


def test_without_a_person_it_ends_when_nothing_new_is_found():
    world = running(policy="auto", batch=2, budget=9)
    repeated(world, 19)
    assert not ends(world)
    repeated(world, 1)
    assert ends(world) == [Finish("the last 20 candidates repeat earlier ones")]
    world.append(RunControlled(action="finish", by="engine", auth="engine"))
    world.obey(ControlRun(by="ada", auth="local", action="resume"))
    assert not ends(world), "who resumes it wants another try"


@pytest.mark.parametrize(("policy", "check"), [("person", "duplicate"), ("auto", "fragments")])
def test_a_person_or_another_flag_does_not_end_it(policy, check):
    world = running(policy=policy, batch=2, budget=9)
    repeated(world, 40, check)
    assert not ends(world)


def fail(world, candidate, kind="timeout"):
    world.now += 1
    world.select(candidate)
    world.obey(ApproveCandidate(**POLICY, candidate=candidate))
    world.submit_due()
    world.finish(candidate, fails=kind)


def pauses(world):
    return [action for action in due(world.campaign, world.now) if isinstance(action, Pause)]


def test_failures_in_a_row_pause_the_campaign_in_words():
    world = running(pause_after=3, budget=9)
    fail(world, CANDIDATES[0])
    fail(world, CANDIDATES[1], "cancelled")
    fail(world, CANDIDATES[2])
    assert not pauses(world), "what a person cancelled did not fail"
    label(world, CANDIDATES[3])
    fail(world, CANDIDATES[4])
    fail(world, CANDIDATES[5], "setup")
    assert not pauses(world), "a label came between"
    fail(world, CANDIDATES[6], "memory")
    assert pauses(world) == [Pause("3 reference calculations in a row failed, the last one: memory")]
    world.submit_due()
    assert (world.campaign.state, world.campaign.tripped) == ("paused", True)
    world.obey(ControlRun(by="ada", auth="local", action="resume"))
    assert not pauses(world), "who resumes it wants another try"
    assert not world.campaign.tripped


def test_with_nothing_left_to_spend_it_ends_instead():
    world = running(pause_after=2, budget=2)
    fail(world, CANDIDATES[0])
    fail(world, CANDIDATES[1])
    assert due(world.campaign, world.now) == [Finish()]


def test_only_crashes_are_repeated_and_only_below_the_limit():
    world = running(quarantine_after=2, pause_after=9, budget=3)
    fail(world, CANDIDATES[0], "not-converged")
    assert due(world.campaign, world.now) == []
    fail(world, CANDIDATES[1], "crashed")
    assert [(a.candidate, a.attempt) for a in world.submit_due()] == [(CANDIDATES[1], 2)]
    world.finish(CANDIDATES[1], fails="crashed")
    assert world.campaign.spent == 3
    assert due(world.campaign, world.now) == [Finish()]


def test_by_default_nothing_that_failed_is_repeated_without_a_person():
    world = running(quarantine_after=1, budget=3)
    fail(world, CANDIDATES[0], "crashed")
    assert due(world.campaign, world.now) == []


def test_a_cancellation_is_owed_in_every_state_until_the_job_has_ended():
    world = running()
    world.select(CANDIDATES[0])
    world.obey(ApproveCandidate(**POLICY, candidate=CANDIDATES[0]))
    world.submit_due()
    world.obey(CancelReference(by="ada", auth="local", candidate=CANDIDATES[0]))
    for action in ("pause", "stop"):
        world.obey(ControlRun(by="ada", auth="local", action=action))
        assert due(world.campaign, world.now) == [Cancel(CANDIDATES[0], 1)]
    world.finish(CANDIDATES[0], fails="cancelled")
    assert due(world.campaign, world.now) == []


def finishes(world, **known):
    return [action.reason for action in due(world.campaign, world.now, **known) if isinstance(action, Finish)]


def test_it_ends_when_everything_offered_was_asked_about_and_answered():
    world = running(policy="person")
    label(world, CANDIDATES[0])
    world.select(CANDIDATES[1])
    assert finishes(world, exhausted=True) == []
    world.obey(VetoCandidate(by="ada", auth="local", candidate=CANDIDATES[1], reason="other"))
    refitted(world)
    assert finishes(world) == []
    assert finishes(world, exhausted=True) == ["everything that was offered has been asked about"]


def test_it_ends_when_the_error_on_labels_held_out_is_small_in_so_many_fits():
    world = running(stop_error=0.01, stop_cycles=2, budget=9)
    for candidate, error in zip(CANDIDATES, (0.02, 0.009, 0.011, 0.01), strict=False):
        label(world, candidate)
        refitted(world, mae_held_out_atom_eV=error)
        assert finishes(world) == []
    label(world, CANDIDATES[4])
    refitted(world, mae_held_out_atom_eV=0.001, accepted=False)
    assert finishes(world) == []
    label(world, CANDIDATES[5])
    refitted(world, mae_held_out_atom_eV=0.005)
    (reason,) = finishes(world)
    assert reason == "2 fits in a row have an error of at most 0.01 eV an atom on labels held out"


def test_one_fit_that_moved_little_from_the_one_before_is_enough_where_one_is_asked_for():
    world = running(stop_entropy=0.1, stop_cycles=1, budget=9)
    for candidate, entropy in zip(CANDIDATES, (3.0, 2.5, 2.45), strict=False):
        assert finishes(world) == []
        label(world, candidate)
        refitted(world, probe_entropy=entropy)
    (reason,) = finishes(world)
    assert reason == "the entropy of the probe set moved by less than 0.1 in 2 fits"


def set_aside(world, candidate, until=""):
    world.obey(DeferCandidate(by="ada", auth="local", candidate=candidate, until=until))


def test_what_waits_for_the_next_batch_does_not_keep_it_from_coming():
    world = running(pace="live", policy="person", queue=2, batch=2, budget=9, cold_start=9)
    for candidate in CANDIDATES[:3]:
        world.select(candidate)
    set_aside(world, CANDIDATES[0], "next batch")
    set_aside(world, CANDIDATES[1], "next fit")
    world.obey(VetoCandidate(by="ada", auth="local", candidate=CANDIDATES[2], reason="flat"))
    assert selects(world.campaign, pool=4)
    world.obey(UndoDecision(by="ada", auth="local", candidate=CANDIDATES[2]))
    set_aside(world, CANDIDATES[2])
    assert not selects(world.campaign, pool=4), "who is asked again later has a place in the queue"
    world.obey(VetoCandidate(by="ada", auth="local", candidate=CANDIDATES[2], reason="flat"))
    assert selects(world.campaign, pool=4)
    world.obey(UndoDecision(by="ada", auth="local", candidate=CANDIDATES[0]))
    assert not selects(world.campaign, pool=4), "and so has who was taken back"


@pytest.mark.parametrize("until", ["", "next batch", "next fit"])
def test_without_a_person_nobody_waits_for_what_a_person_has_set_aside(until):
    world = running(pace="lockstep", policy="auto", batch=2, budget=9, cold_start=9)
    world.select(CANDIDATES[0])
    set_aside(world, CANDIDATES[0], until)
    assert selects(world.campaign, pool=4)
    assert explores(world.campaign, pool=3)
    assert [type(a) for a in due(world.campaign, world.now, exhausted=True)] == [Finish]


def test_a_pool_has_room_for_what_a_batch_is_chosen_from():
    world = running(pace="live", pool=5, batch=5, budget=99, cold_start=99)
    assert explores(world.campaign, pool=9)
    assert not explores(world.campaign, pool=10)
    assert selects(world.campaign, pool=10)


def test_it_ends_when_the_entropy_of_the_probe_set_has_settled():
    world = running(stop_entropy=0.1, stop_cycles=3, budget=9)
    for candidate, entropy in zip(CANDIDATES, (3.0, 2.5, 2.45, 2.42), strict=False):
        assert finishes(world) == []
        label(world, candidate)
        refitted(world, probe_entropy=entropy)
    (reason,) = finishes(world)
    assert reason == "the entropy of the probe set moved by less than 0.1 in 3 fits"


def met(accepted, model_id="m-0001"):
    """100 frames, of which the test frames expect 4 % ± 3.9 % (2σ) to be accepted."""
    return Exploration(
        model_id=model_id,
        test_frames=10_000,
        energy=(0.1, 0.02),
        uncertainty=(0.3, 0.1),
        expected=(0.04, 0.01),
        judged=100,
        accepted=accepted,
        rewinds=0,
    )


def test_it_ends_when_molecular_dynamics_meets_nothing_new():
    world = running(stop_acceptance=2.0, stop_cycles=2, budget=9)
    fits = [(0.05, None), (0.02, met(30)), (0.02, met(3)), (0.01, met(5)), (0.011, met(5)), (0.02, met(2))]
    for candidate, (error, found) in zip(CANDIDATES, fits, strict=False):
        assert finishes(world) == []
        label(world, candidate)
        refitted(world, mae_held_out_atom_eV=error, exploration=found)
    (reason,) = finishes(world)
    assert reason == (
        "in 2 fits in a row molecular dynamics met nothing new: as many frames were accepted as its test "
        "frames expect, and the error on labels held out fell no more, 0.02 eV an atom"
    )


def test_it_ends_when_molecular_dynamics_proposes_nothing():
    world = running(stop_quiet=200)
    assert finishes(world, quiet=199) == []
    (reason,) = finishes(world, quiet=240)
    assert reason == "molecular dynamics judged 240 frames in m-0000 and proposed none"
    assert finishes(running(), quiet=10**6) == [], "unless nobody asks for it"
    world.select(CANDIDATES[0])
    assert finishes(world, quiet=240) == [], "a person has not said what becomes of one"


def test_who_goes_on_after_such_an_end_is_not_ended_by_the_fits_before():
    world = running(stop_error=0.01, stop_cycles=1)
    label(world, CANDIDATES[0])
    refitted(world, mae_held_out_atom_eV=0.001)
    assert finishes(world) != []
    world.append(RunControlled(action="finish", by="engine", auth="engine"))
    world.obey(ControlRun(by="ada", auth="local", action="start"))
    assert finishes(world) == []


def test_a_given_set_is_offered_before_anything_is_picked_and_its_rest_is_taken_as_it_is():
    world = running(batch=2, pace="lockstep")
    assert loads(world.campaign)
    assert not selects(world.campaign, 3)
    assert selects(world.campaign, 3, ended=True)
    assert not selects(world.campaign, 0, ended=True)
    world.obey(ControlRun(by="ada", auth="local", action="pause"))
    assert not loads(world.campaign)


def kinds(world, **known):
    return [type(action) for action in due(world.campaign, world.now, **known)]


def test_the_end_waits_until_the_last_model_is_measured():
    world = running(cold_start=1, budget=1)
    label(world, CANDIDATES[0])
    assert kinds(world, unmeasured="reference") == [Refit, Characterise]
    refitted(world)
    assert due(world.campaign, world.now, unmeasured="m-0001") == [Characterise("m-0001")]
    assert kinds(world) == [Finish]
    world.obey(ControlRun(by="ada", auth="local", action="pause"))
    assert kinds(world, unmeasured="m-0001") == []


def test_in_lockstep_nothing_is_measured_while_a_calculation_runs():
    for pace, owed in (("live", [Characterise]), ("lockstep", [])):
        world = running(pace=pace)
        assert kinds(world, unmeasured="reference") == [Characterise]
        world.select(CANDIDATES[0])
        world.obey(ApproveCandidate(**POLICY, candidate=CANDIDATES[0]))
        world.submit_due()
        assert kinds(world, unmeasured="reference") == owed


def test_who_has_a_reason_to_end_asks_for_nothing_more_while_the_last_model_is_measured():
    world = running(stop_error=0.01, stop_cycles=1, batch=2)
    label(world, CANDIDATES[0])
    asks = (explores(world.campaign, 0), selects(world.campaign, 9), loads(world.campaign))
    assert asks == (True, True, True)
    refitted(world, mae_held_out_atom_eV=0.001)
    asks = (explores(world.campaign, 0), selects(world.campaign, 9), loads(world.campaign))
    assert asks == (False, False, False)
