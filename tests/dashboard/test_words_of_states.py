"""What the desk says in each state: notices, failures, the summary and the estimate."""

from typing import get_args

import pytest

from dashboard.estimate import lines, paid
from dashboard.notices import PATIENCE, notice
from dashboard.panels.failures import WORDS, failure_html
from dashboard.panels.ledger import ledger_html
from dashboard.panels.summary import summary_html
from dashboard.words import progress
from engine.config import CampaignSettings
from engine.core import (
    CandidateApproved,
    CandidateSelected,
    Recorded,
    ReferenceCompleted,
    ReferenceFailed,
    ReferenceSubmitted,
    RunControlled,
    fold,
)
from engine.core.campaign import Campaign
from engine.loop.opening import opening_events

WHO = {"by": "ada", "auth": "local"}
START = 1000.0


def selected(candidate):
    return CandidateSelected(
        candidate=candidate,
        rank=1,
        reason="why",
        generator="random-search",
        model_id="m-0000",
        energy_eV=-1.0,
        energy_std_eV=None,
        terms={},
    )


def after(*events):
    opening = opening_events(Campaign(), CampaignSettings())
    log = [*opening, RunControlled(action="start", **WHO), *events]
    return fold(Recorded(seq=k, time=START, event=event) for k, event in enumerate(log, start=1))


def spent(candidate, end):
    name = {"candidate": candidate}
    return [
        selected(candidate),
        CandidateApproved(**name, **WHO, hold_s=0),
        ReferenceSubmitted(**name, attempt=1, folder="f"),
        end,
    ]


def labelled(candidate, energy, seconds=2.0):
    end = ReferenceCompleted(
        candidate=candidate, attempt=1, energy_eV=energy, fmax=0.1, seconds=seconds, cores=1
    )
    return spent(candidate, end)


def failed(candidate, log="", failure="timeout"):
    return spent(candidate, ReferenceFailed(candidate=candidate, attempt=1, failure=failure, log=log))


def test_a_stopped_engine_says_where_and_offers_to_go_on():
    said = notice(
        after(RunControlled(action="crash", by="engine", auth="engine", reason="while deciding: X")),
        "",
        START,
    )
    assert said is not None
    assert "while deciding: X" in said.text
    assert said.action == "resume"


def test_nobody_answered():
    campaign = after(selected("c-000001"))
    assert notice(campaign, "", START + PATIENCE - 1) is None
    said = notice(campaign, "", START + PATIENCE + 1)
    assert said is not None
    assert said.title == "Nobody has answered for 10 min"
    assert "nothing is spent" in said.text
    assert notice(after(), "", START + 10 * PATIENCE) is None


def test_a_campaign_that_paused_itself_says_why_and_offers_to_go_on():
    pause = {"action": "pause", "reason": "3 reference calculations in a row failed, the last one: setup"}
    said = notice(after(RunControlled(**pause, by="engine", auth="engine")), "", START)
    assert said is not None
    assert (said.title, said.action) == ("Paused itself", "resume")
    assert "the last one: setup" in said.text
    assert notice(after(RunControlled(**pause, by="ada", auth="local")), "", START) is None


def test_the_ledger_counts_what_was_wasted():
    assert ledger_html(after()) == ""
    said = ledger_html(after(*labelled("c-000001", -5.0), *failed("c-000002")))
    assert "<dt>asked</dt><dd>2</dd>" in said
    assert "<dt>labelled</dt><dd>1</dd>" in said
    assert "1 without a label" in said
    assert "cancelled" not in said


def test_a_problem_of_this_machine_comes_first():
    said = notice(after(), "no module 'x'", START)
    assert said is not None
    assert said.text == "no module 'x'"


@pytest.mark.parametrize("kind", get_args(ReferenceFailed.model_fields["failure"].annotation))
def test_every_failure_has_a_reason_and_an_advice(kind):
    assert all(WORDS[kind])
    (candidate,) = after(*failed("c-000001", failure=kind)).candidates.values()
    assert WORDS[kind][0] in failure_html(candidate)


def test_a_failure_shows_its_last_twenty_lines_as_text():
    log = "\n".join(f"line {k} <b>" for k in range(40))
    (candidate,) = after(*failed("c-000001", log)).candidates.values()
    said = failure_html(candidate)
    assert "line 20 &lt;b&gt;" in said
    assert "line 19 " not in said


def test_the_summary_ranks_the_minima_against_the_plan():
    events = [*labelled("c-000001", -5.0), *labelled("c-000002", -7.5), *failed("c-000003")]
    assert summary_html(after(*events)) == ""
    said = summary_html(after(*events, RunControlled(action="finish", by="engine", auth="engine")))
    assert said.index("c-000002") < said.index("c-000001")
    assert "+2.500 eV" in said
    assert "3 of 20 reference calculations" in said


def test_the_estimate_counts_only_the_same_calculation():
    settings = CampaignSettings()
    campaign = after(*labelled("c-000001", -5.0, 2.0), *labelled("c-000002", -5.0, 4.0))
    other = campaign._replace(settings=campaign.settings.set("reference", {"name": "gfn2-xtb"}))
    assert paid(settings, [campaign, other]) == [2.0, 4.0]
    said = " ".join(lines(settings, [2.0, 4.0]))
    assert "About 3 s each" in said
    assert "1 min in all" in said
    assert "first batch of 5: about 15 s" in said
    assert "not known before the first label" in " ".join(lines(settings, []))


def test_a_round_goes_from_one_refit_to_the_next():
    # 20 labels: the first fit after 5, then one every 5
    assert progress(Campaign()) == ""
    assert progress(after()) == "round 1 of 4"
    one = labelled("c-000001", -1.0, seconds=3.0)
    assert progress(after(*one)) == "round 1 of 4 · 57 s of calculation left"
    all_of = [event for k in range(1, 6) for event in labelled(f"c-00000{k}", -1.0, seconds=3.0)]
    assert progress(after(*all_of)) == "round 2 of 4 · 45 s of calculation left"
