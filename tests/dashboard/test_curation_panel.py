"""What people read of what their curation changed."""

from immutables import Map

from dashboard.panels.curation import curation_html
from engine.core import ApproveCandidate, Campaign
from tests.engine.core.test_curation import ADA, C, running, send, veto


def test_nothing_is_said_before_a_person_has_decided():
    assert curation_html(Campaign(), ag8s4) == ""


def ag8s4(names):
    return dict.fromkeys(names, (16,) * 4 + (47,) * 8)


def test_the_difference_is_told_in_words_and_a_control_sample_answers_whether_vetoes_were_right():
    world = running(budget=4, control=1.0, control_budget=1)
    send(world, C[0])
    veto(world, C[1])
    world.now += 10
    world.submit_due()
    world.finish(C[0])
    said = curation_html(world.campaign, ag8s4)
    assert "would have sent 2 of 2 candidates that people decided; 1 were sent" in said
    assert "only a control sample can say" in said
    assert 'data-part="you vetoed"' in said
    assert 'data-part="held by both"' not in said
    world.draw_due(C[2])
    world.obey(ApproveCandidate(**ADA, candidate=C[2]))
    world.now += 10
    world.submit_due()
    world.finish(C[2])
    said = curation_html(world.campaign, ag8s4)
    assert 'data-part="control"' in said
    assert "No label of the control sample is lower" in said

    lower = labelled(world, {C[2]: (-2.1, -1.0)})
    assert "holds a lower minimum than what was sent" in curation_html(lower, ag8s4)
    other = {C[0]: (47,) * 12, C[2]: (47,) * 13}
    said = curation_html(lower, lambda _: other)
    assert "minimum" not in said
    assert "1 of its 1 labels cannot be compared: nothing that was sent has their composition" in said


def test_where_nothing_is_relaxed_the_control_sample_is_judged_by_its_errors():
    world = running(budget=4, control=1.0, control_budget=1)
    send(world, C[0])
    send(world, C[1])
    veto(world, C[3])
    world.now += 10
    world.draw_due(C[2])
    world.obey(ApproveCandidate(**ADA, candidate=C[2]))
    world.now += 10
    for name in (C[0], C[1], C[2]):
        world.submit_due()
        world.finish(name)
    md = Map({"search": [{"name": "md"}]})
    unfitted = world.campaign._replace(settings=md)
    assert "cannot be said yet" in curation_html(unfitted, ag8s4)

    worse = labelled(world, {C[0]: (-2.0, -1.9), C[1]: (-2.0, -1.7), C[2]: (-3.0, -2.6)})
    said = curation_html(worse._replace(settings=md), ag8s4)
    assert "minimum" not in said, "the control is lower, which is not what its label was for"
    assert "control sample was 0.4000 eV, that of what was sent by both 0.2000 eV" in said
    assert "the model knew what you vetoed less well" in said

    sizes = {C[0]: (29,) * 2, C[1]: (29,) * 2, C[2]: (29,) * 8}
    said = curation_html(worse._replace(settings=md), lambda _: sizes)
    assert "control sample was 0.0500 eV/atom, that of what was sent by both 0.1000 eV/atom" in said
    assert "the model knew what you vetoed no less well" in said


def labelled(world, energies):
    """The same with other labels and predictions (eV), of a model that was fitted."""
    candidates = world.campaign.candidates
    for name, (label, predicted) in energies.items():
        changed = candidates[name]._replace(label_eV=label, energy_eV=predicted, model_id="m-0001")
        candidates = candidates.put(changed)
    return world.campaign._replace(candidates=candidates)
