"""What curation cost or saved, against a case worked out by hand."""

from engine.core import ApproveCandidate, Today, VetoCandidate, regret
from engine.core.regret import Account
from tests.engine.core.test_curation import ADA, C, send, veto
from tests.engine.core.test_due import POLICY, running

BO = {"by": "bo", "auth": "local"}


def today(energy, composition="Ag8S4", repeats=False):
    return Today(energy, composition, 12, repeats)


def decided():
    """Ada vetoed 0, 1 and 2, bo 3; approved were 4 to 9, of which 7 fails; 10 is a policy's."""
    world = running(budget=20, control=1.0, control_budget=1, parallel=20)
    for k in range(3):
        veto(world, C[k])
    world.select(C[3])
    world.obey(VetoCandidate(**BO, candidate=C[3], reason="duplicate"))
    for k in range(4, 10):
        send(world, C[k], who=BO if k == 9 else ADA)
    send(world, C[10], who=POLICY)
    world.now += 10
    world.submit_due()
    for k in range(4, 11):
        world.finish(C[k], fails="crashed" if k == 7 else "")
    return world


def energies():
    """The label of each is −2 eV; the lowest of five labels is the best quarter."""
    known = {C[k]: today(-2.0 + 0.1 * k) for k in range(4, 11)}
    known |= {C[0]: today(-3.0), C[1]: today(-1.5), C[2]: today(-9.0, "Ag4S2"), C[3]: today(-1.6)}
    return known | {C[6]: today(-1.4, repeats=True)}


def test_a_veto_is_regretted_where_the_present_model_puts_it_among_the_best_of_its_composition():
    said = regret(decided().campaign, energies())
    ada, bo = said.people
    assert (ada.name, ada.vetoes, ada.missed) == ("ada", (C[0], C[1], C[2]), (C[0],))
    assert ada.judged == (C[0], C[1])  # of the composition of C[2] there is no label
    assert (bo.name, bo.vetoes, bo.missed) == ("bo", (C[3],), (C[3],))  # −1.6: as low as the lowest
    assert [(one.name, one.vetoes) for one in said.reasons] == [
        ("duplicate", (C[3],)),
        ("flat", (C[0], C[1], C[2])),
    ]
    assert said.total.missed == (C[0], C[3])


def test_an_approval_gave_nothing_where_no_label_came_or_it_repeats_or_is_far_above():
    world = decided()
    said = regret(world.campaign, energies())
    ada, bo = said.people
    assert ada.approvals == (C[4], C[5], C[6], C[7], C[8])
    assert (ada.failed, ada.repeats, ada.far) == ((C[7],), (C[6],), ())
    assert (bo.approvals, bo.failed, bo.repeats, bo.far) == ((C[9],), (), (), ())
    low = world.campaign.candidates[C[10]]
    candidates = world.campaign.candidates.put(low._replace(label_eV=-4.0))
    lower = world.campaign._replace(candidates=candidates)
    assert regret(lower, energies()).total.far == (C[4], C[5], C[8], C[9])  # 2 eV over 12 atoms


def test_a_control_says_whether_its_veto_was_right():
    for label, right, wrong in ((-2.5, (), (C[0],)), (-1.0, (C[0],), ()), (None, (C[0],), ())):
        world = decided()
        world.now += 10
        world.draw_due(C[11])
        world.obey(ApproveCandidate(**ADA, candidate=C[11]))
        world.now += 10
        world.submit_due()
        world.finish(C[11], fails="" if label else "crashed")
        control = world.campaign.candidates[C[11]]
        if label:
            control = control._replace(label_eV=label)
        candidates = world.campaign.candidates.put(control)
        campaign = world.campaign._replace(candidates=candidates)
        said = regret(campaign, energies() | {C[11]: today(-3.0)}).total
        assert (said.right, said.wrong) == (right, wrong)
        assert said.missed == (C[3],)  # of the one that was drawn, the label speaks


def test_what_is_not_known_is_counted_and_not_judged():
    said = regret(decided().campaign, {})
    assert (len(said.total.vetoes), len(said.total.approvals)) == (4, 6)
    assert (said.total.missed, said.total.repeats, said.total.far) == ((), (), ())
    assert regret(running().campaign, {}).total == Account("all")
