"""What a person reads of rules that vetoes suggest, of likely vetoes, and of what decisions cost."""

from concurrent.futures import Future

import numpy as np
import pytest

from dashboard.panels.regret import regret_html, words
from dashboard.panels.rule_cards import suggestion_html
from dashboard.panels.veto_lessons import VetoLessons, likely_html
from engine.core import Campaign, VetoRule, regret, verdicts
from engine.loop.vetoes import Likely, Suggestion
from tests.dashboard.test_session import Desk, tab
from tests.engine.core.test_curation import C, running, send, veto
from tests.engine.core.test_regret import decided, energies
from tests.support import vetoed


class Workers(Desk):
    """A desk whose worker has answered when it is looked for again."""

    replays = False

    def ask(self, _key, task, *args):
        self.answered = Future()
        self.task = lambda: self.answered.set_result(task(*args))
        return self.answered


@pytest.fixture
def desk(tmp_path):
    short, long = np.linspace(1.6, 1.85, 10), np.linspace(2.05, 3.0, 18)
    made = Workers(vetoed.make(tmp_path / "queue", short, long, (1.7001, 2.5001)))
    yield made
    made.store.close()


def suggestion(said, waiting=()):
    rule = VetoRule("distance S-S", "below", 1.9)
    return Suggestion(rule, said.vetoed, said.kept[:1], waiting, len(said.vetoed), 9, 0.6, 0.012)


def test_a_suggestion_says_what_the_rule_would_have_done_and_to_whom():
    world = running(budget=9, parallel=9)
    for k in range(4):
        veto(world, C[k])
    send(world, C[5])
    world.now += 10
    world.submit_due()
    world.finish(C[5])
    one = suggestion(verdicts(world.campaign), (C[7],))
    text = suggestion_html(world.campaign, one, "ada")
    assert "You vetoed 4 of 5 candidates with S–S below 1.9 Å." in text
    assert "It flags 4 of 4 vetoed candidates, 1 of 9 approved ones and 1 that wait." in text
    assert f"<li>{C[5]}: label -2.000 eV, the best of all</li>" in text
    assert f"<li>{C[0]}: flat, predicted -1.000 eV</li>" in text
    assert "in 1.2% of cases" in text
    assert "4 of 5 decided candidates with S–S below 1.9 Å were vetoed." in suggestion_html(
        world.campaign, one, "bo"
    )


def test_a_likely_veto_is_said_with_its_figure_and_an_unlikely_one_is_not():
    one = Likely(0.82, 7, (C[0], C[1]), "atoms too close <b>")
    text = likely_html(one, "0.2 off")
    assert "7 of the 2 nearest decided ones were vetoed: atoms too close &lt;b&gt;" in text
    assert f"{C[0]}, {C[1]}" in text
    assert likely_html(Likely(0.4, 3, (C[0],), ""), "0.2 off") == ""
    assert likely_html(None, "") == ""


def test_the_regret_report_counts_of_how_many_and_never_in_percent():
    said = regret(decided().campaign, energies())
    text = regret_html(said)
    assert "%" not in text
    assert "Judged by energy" in text
    assert f'<td>ada</td><td class=num>3</td><td class=num><span title="{C[0]}">1 of 2</span></td>' in text
    assert "<td>all</td><td class=num>4</td>" in text
    assert "<td>duplicate</td>" in text
    assert words(said.total) == (
        "Of 4 vetoed candidates 3 can be compared with labels of their composition; by energy the present "
        "model puts 2 of them among the best. "
        "Of 6 approved ones that ended, 2 gave nothing new: 1 no label, 1 a repetition, 0 far above."
    )
    nothing = regret(Campaign(), {})
    assert (regret_html(nothing), words(nothing.total)) == ("", "")


def test_what_a_worker_has_learnt_is_shown_sorts_if_asked_and_becomes_a_rule_by_a_click(desk):
    ada, sorted_anew = tab(desk, "ada"), []
    panel = VetoLessons(ada, lambda: sorted_anew.append(True))
    short, long = (c.id for c in ada.waiting)
    panel.draw(ada.snapshot, ada.follower.store)
    assert (list(panel._cards.view), panel._behind.visible, panel.came()) == ([], False, False)
    desk.task()
    assert panel.came()
    panel.draw(ada.snapshot, ada.follower.store)
    assert not panel.came()
    assert "Likely veto" in panel._hint.__panel__().object
    assert [c.id for c in ada.queue] == [short, long]
    panel._behind.value = True
    assert sorted_anew
    panel.draw(ada.snapshot, ada.follower.store)
    assert [c.id for c in ada.queue] == [long, short]
    (card,) = panel._cards.view
    card[1][0].clicks += 1
    desk.answer()
    ada.refresh()
    (rule,) = ada.snapshot.veto_rules
    assert (rule.name, rule.by) == ("distance S-S below 2", "ada")
    panel.draw(ada.snapshot, ada.follower.store)
    assert list(panel._cards.view) == []
    ada.drop_rule(rule.name)
    desk.answer()
    ada.refresh()
    assert ada.snapshot.veto_rules == ()


def test_a_suggestion_that_was_turned_down_does_not_come_again_in_this_tab(desk):
    ada = tab(desk, "ada")
    panel = VetoLessons(ada, lambda: None)
    panel.draw(ada.snapshot, ada.follower.store)
    desk.task()
    panel.draw(ada.snapshot, ada.follower.store)
    (card,) = panel._cards.view
    card[1][1].clicks += 1
    assert list(panel._cards.view) == []
    panel.draw(ada.snapshot, ada.follower.store)
    assert list(panel._cards.view) == []
