"""Several candidates decided together: what the bar says of them, and what is kept with each decision."""

import json

import numpy as np
import pytest

from dashboard.audit import Trail
from dashboard.pages.review import Review
from dashboard.panels.hotkeys import Key
from dashboard.presence import Presence
from tests.dashboard.test_cards import Served
from tests.dashboard.test_session import answered, tab
from tests.dashboard.test_veto_lessons import Workers
from tests.support import large, vetoed


@pytest.fixture
def desk(tmp_path):
    made = Served(large.make(tmp_path / "queue", 4, n_labelled=5))
    yield made
    made.store.close()


def key(name, *, shift=False):
    return Key(name, shift=shift, ctrl=False)


def decided(desk):
    return [item.event for item in desk.store.store.events() if item.command_id]


def test_each_of_several_keeps_the_line_that_was_shown_of_all(desk):
    ada = tab(desk, "ada")
    page = Review(ada)
    ada.marked = [c.id for c in ada.waiting[:3]]
    page.draw()
    said = page._bulk._words.__panel__().object
    page.press(key("a", shift=True))
    page.press(key("Enter"))
    answered(desk, ada)
    approved = decided(desk)
    assert [event.kind for event in approved] == ["CandidateApproved"] * 3
    (line,) = {event.shown.cost for event in approved}
    assert f">{line}<" in said.replace("<b>", "").replace("</b>", "")
    assert line.startswith("3 chosen: 3 calculations, about")
    card = ada.snapshot.candidates[approved[0].candidate]
    assert approved[0].shown.energy_eV == card.energy_eV
    assert approved[0].shown.terms == {"promise": -0.4}


def test_a_veto_of_the_one_that_is_chosen_is_about_that_one_wherever_one_looks(desk):
    ada = tab(desk, "ada")
    page = Review(ada)
    first, second = (c.id for c in ada.waiting[:2])
    page.press(key("v"))
    page.press(key("j"))
    assert (ada.marked, ada.candidate) == ([first], second)
    page.press(key("x", shift=True))
    page.draw()  # as at any event
    page.press(key("1"))
    answered(desk, ada)
    assert [(event.kind, event.candidate) for event in decided(desk)] == [("CandidateVetoed", first)]


def test_who_does_not_wait_is_not_chosen(desk):
    ada = tab(desk, "ada")
    labelled = next(iter(ada.snapshot.labels))
    ada.candidate = labelled
    ada.mark(1)
    assert labelled not in ada.marked


def test_enter_is_the_answer_to_the_question_and_no_buttons(desk):
    ada = tab(desk, "ada")
    page = Review(ada)
    ada.marked = [c.id for c in ada.waiting[:2]]
    page.draw()
    assert page.taken_keys == ()
    page.press(key("a", shift=True))
    assert page.taken_keys == ("Enter",)
    page.press(key("Escape"))
    assert page.taken_keys == ()


def test_several_vetoes_keep_it_too_and_the_audit_says_why_each_was_chosen(desk):
    ada = tab(desk, "ada")
    page = Review(ada)
    ada.marked = [c.id for c in ada.waiting[:2]]
    page.draw()
    page.press(key("x", shift=True))
    page.press(key("3"))
    answered(desk, ada)
    assert [event.shown.cost[:9] for event in decided(desk)] == ["2 chosen:"] * 2
    trail = Trail()
    trail.follow(desk.store.store, ada.snapshot)
    rows = [row for row in trail.rows if row.kind == "veto"]
    assert len(rows) == 2
    assert all(row.words.why.startswith("Chosen because") for row in rows)
    assert all("cost 2 chosen: 2 calc" in row.words.shown for row in rows)


def test_likely_vetoes_have_a_badge_and_are_counted_before_several_are_approved(tmp_path):
    short, long = np.linspace(1.6, 1.85, 10), np.linspace(2.05, 3.0, 18)
    desk = Workers(vetoed.make(tmp_path / "queue", short, long, (1.7001, 1.7501, 2.5001)))
    desk.presence = Presence()
    ada = tab(desk, "ada")
    page = Review(ada)
    page.draw()
    badges = lambda: [card["badge"] for card in json.loads(page._queue.cards.sent)]  # noqa: E731
    assert "LIKELY VETO" not in badges()
    desk.task()
    page.follow_workers()
    assert badges() == ["LIKELY VETO", "LIKELY VETO", ""], "none is left out"
    ada.marked = [c.id for c in ada.waiting]
    page.draw()
    assert "2 of these are likely vetoes." in page._bulk._words.__panel__().object
    first = ada.waiting[0].id
    page.press(key("a", shift=True))
    page.press(key("Enter"))
    answered(desk, ada)
    kept = {event.candidate: event.shown.warning for event in decided(desk)}
    desk.store.store.close()
    assert "nearest decided ones were vetoed: atoms too close" in kept[first]
    assert [bool(warning) for warning in kept.values()] == [True, True, False]


def test_the_warning_that_stood_beside_a_candidate_is_kept_with_its_decision(tmp_path):
    short, long = np.linspace(1.6, 1.85, 10), np.linspace(2.05, 3.0, 18)
    desk = Workers(vetoed.make(tmp_path / "queue", short, long, (1.7001, 2.5001)))
    desk.presence = Presence()
    ada = tab(desk, "ada")
    page = Review(ada)
    page.draw()
    desk.task()
    page.follow_workers()
    for _ in range(2):
        page.press(key("a"))
        page.draw()
    answered(desk, ada)
    warnings = [event.shown.warning for event in decided(desk)]
    desk.store.store.close()
    assert "nearest decided ones were vetoed" in warnings[0]
    assert not warnings[1]
