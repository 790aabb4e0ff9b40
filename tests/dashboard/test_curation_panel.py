"""What people read of what their curation changed."""

from dashboard.panels.curation import curation_html
from engine.core import Campaign
from tests.engine.core.test_curation import C, running, send, veto


def test_nothing_is_said_before_a_person_has_decided():
    assert curation_html(Campaign()) == ""


def test_the_difference_is_told_in_words_and_a_control_sample_answers_whether_vetoes_were_right():
    world = running(budget=4, control=1.0, control_budget=1)
    send(world, C[0])
    veto(world, C[1])
    world.now += 10
    world.submit_due()
    world.finish(C[0])
    said = curation_html(world.campaign)
    assert "would have sent 2 of 2 candidates that people decided; 1 were sent" in said
    assert "only a control sample can say" in said
    assert 'data-part="you vetoed"' in said
    assert 'data-part="held by both"' not in said
    world.draw_due(C[2])
    world.obey(send_again(C[2]))
    world.now += 10
    world.submit_due()
    world.finish(C[2])
    said = curation_html(world.campaign)
    assert 'data-part="control"' in said
    assert "No label of the control sample is lower" in said


def send_again(candidate):
    from engine.core import ApproveCandidate

    return ApproveCandidate(by="ada", auth="local", candidate=candidate)
