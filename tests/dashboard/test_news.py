"""What a person who looks elsewhere is told of, in plain words."""

from dashboard.news import look, news
from engine.core import CancelReference, RunControlled
from tests.engine.core.test_curation import C, running, send


def told(world, before, waiting=0):
    now = look(world.campaign, waiting)
    return news(before, now), now


def sent(*candidates):
    world = running(budget=9, parallel=9)
    for candidate in candidates:
        send(world, candidate)
    world.now += 10
    world.submit_due()
    return world, look(world.campaign, 0)


def test_the_first_that_waits_is_told_and_the_next_are_not():
    world = running()
    none, one, four = (look(world.campaign, n) for n in (0, 1, 4))
    assert news(none, one) == "1 waits for you."
    assert news(none, four) == "4 wait for you."
    assert news(one, four) == news(four, none) == news(four, four) == ""


def test_each_calculation_that_fails_is_told_once():
    world, before = sent(C[0], C[1], C[2])
    world.finish(C[1], fails="timeout")
    words, before = told(world, before)
    assert words == f"The calculation of {C[1]} failed."
    assert told(world, before)[0] == ""
    world.finish(C[0], fails="crashed")
    world.finish(C[2], fails="memory")
    words, before = told(world, before, waiting=3)
    assert words == "2 calculations failed. 3 wait for you."


def test_what_a_person_cancelled_is_no_news():
    world, before = sent(C[0])
    world.obey(CancelReference(candidate=C[0], by="ada", auth="local"))
    world.finish(C[0], fails="cancelled")
    assert told(world, before)[0] == ""


def test_a_campaign_that_paused_itself_says_why_and_one_that_a_person_paused_says_nothing():
    world, before = sent(C[0], C[1])
    world.append(RunControlled(action="pause", by="ada", auth="local"))
    words, before = told(world, before)
    assert words == ""
    world.append(RunControlled(action="resume", by="ada", auth="local"))
    world.finish(C[0], fails="crashed")
    before = look(world.campaign, 0)
    world.finish(C[1], fails="crashed")
    world.submit_due()
    words, before = told(world, before)
    assert world.campaign.tripped
    assert words == f"Paused itself: {world.campaign.state_reason}. The calculation of {C[1]} failed."
    assert "failed" in world.campaign.state_reason
    assert told(world, before)[0] == ""


def test_the_end_of_a_run_is_told_and_another_campaign_is_no_news():
    world = running()
    before = look(world.campaign, 0)
    world.append(RunControlled(action="crash", by="engine", auth="engine", reason="in a step"))
    words, now = told(world, before)
    assert words == "The engine stopped."
    assert news(before, look(world.campaign._replace(state="finished"), 0)) == "Finished."
    assert news(before, look(world.campaign._replace(name="another"), 5)) == ""
    assert now.paused_itself == ""
