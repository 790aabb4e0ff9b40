"""What a person reads of rules that vetoes suggest, of likely vetoes, and of what decisions cost."""

from dashboard.panels.regret import regret_html, words
from dashboard.panels.rule_cards import suggestion_html
from dashboard.panels.veto_lessons import likely_html
from engine.core import Campaign, VetoRule, regret, verdicts
from engine.loop.vetoes import Likely, Suggestion
from tests.engine.core.test_curation import C, running, send, veto
from tests.engine.core.test_regret import decided, energies


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
    assert f'<td>ada</td><td class=num>3</td><td class=num><span title="{C[0]}">1 of 2</span></td>' in text
    assert "<td>all</td><td class=num>4</td>" in text
    assert "<td>duplicate</td>" in text
    assert words(said.total) == (
        "Of 4 vetoed candidates 3 can be compared with labels of their composition; the present model puts 2 "
        "of them among the best. "
        "Of 6 approved ones that ended, 2 gave nothing new: 1 no label, 1 a repetition, 0 far above."
    )
    nothing = regret(Campaign(), {})
    assert (regret_html(nothing), words(nothing.total)) == ("", "")
