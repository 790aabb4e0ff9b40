"""Two tabs on one campaign: who is told what when they disagree."""

import time
from collections import deque

import pytest

from dashboard.people import Person
from dashboard.queue_view import QueueView
from dashboard.session import Session
from engine.core import CandidateEdited, CandidateVetoed, ReferenceSubmitted, Shown, VetoCandidate, decide
from engine.loop import Follower
from engine.loop.writer import writing
from tests.support import large


class Desk:
    """A runtime of one campaign, whose wishes are answered when the test says so."""

    def __init__(self, folder):
        self._folder = folder
        self.store = Follower(folder)

    def follower(self, name):
        return self.store if name == "queue" else None

    def newest(self, name, at_most):
        return self.store.catch_up(at_most) if name == "queue" else None

    def unreadable(self, _name):
        return ""

    def post(self, _name, commands):
        return self.store.post(commands)

    def tend(self, name):
        pass

    def answer(self):
        store = self.store.store
        with writing(store, self.store.refresh(), time.time()) as writer:
            for wish in store.pending():
                for event in decide(writer.campaign, wish.command, writer.now):
                    writer.append(event, wish.command_id)
                writer.rows.consume(wish.id)


@pytest.fixture
def desk(tmp_path):
    made = Desk(large.make(tmp_path / "queue", 4))
    yield made
    made.store.close()


def tab(desk, name):
    session = Session(desk, Person(name, "password"))
    session.told = []
    session.notify = lambda text, tone: session.told.append((text, tone))
    session.open("queue", "review")
    return session


def test_the_second_is_refused_and_told_by_whom(desk):
    ada, bo = tab(desk, "ada"), tab(desk, "bo")
    ada.veto("atoms too close")
    bo.approve()
    desk.answer()
    ada.refresh()
    bo.refresh()
    assert ada.told == []
    assert bo.told == [("c-000001: ada vetoed this 0 s ago: atoms too close", "bad")]
    assert list(bo.conflicts) == ["c-000001"]
    assert bo.sent == {}


def test_what_was_shown_stands_in_the_log_with_the_decision(desk):
    ada = tab(desk, "ada")
    said = Shown(sentence="Because.", model_id="m-0001", energy_eV=-1.0, terms={"promise": -0.1})
    ada.approve("fine", shown=said)
    ada.veto("duplicate", shown=said)
    ada.defer()
    desk.answer()
    kept = {i.event.kind: i.event.shown for i in desk.store.store.events() if i.command_id}
    assert kept == {"CandidateApproved": said, "CandidateVetoed": said, "CandidateDeferred": None}


def test_a_veto_beats_an_approval_that_was_granted(desk):
    ada, bo = tab(desk, "ada"), tab(desk, "bo")
    ada.approve()
    bo.veto("duplicate")
    desk.answer()
    ada.refresh()
    bo.refresh()
    assert bo.told == []
    assert ada.told == [("bo vetoed c-000001 0 s ago: duplicate. Your decision no longer holds.", "bad")]
    assert list(ada.conflicts) == ["c-000001"]


def test_ones_own_change_of_mind_is_no_conflict(desk):
    ada = tab(desk, "ada")
    ada.approve()
    desk.answer()
    ada.refresh()
    ada.undo()
    desk.answer()
    ada.refresh()
    assert ada.told == []
    assert ada.conflicts == {}
    assert "c-000001" in [c.id for c in ada.waiting]


def test_a_refused_budget_is_said(desk):
    ada = tab(desk, "ada")
    ada.approve()
    ada.approve()
    desk.answer()
    ada.change_budget(1)
    desk.answer()
    ada.refresh()
    assert ada.told == [("2 reference calculations are spent or promised already", "bad")]


def test_whoever_presses_on_a_decided_card_is_told_by_whom_it_was(desk):
    ada, bo = tab(desk, "ada"), tab(desk, "bo")
    ada.veto("duplicate")
    desk.answer()
    bo.refresh()
    bo.approve()
    assert bo.told == [("c-000001: ada vetoed this 0 s ago: duplicate", "info")]
    assert desk.store.store.pending() == []


def test_a_refusal_is_told_once_and_across_a_visit_to_another_campaign(desk):
    ada, bo = tab(desk, "ada"), tab(desk, "bo")
    ada.veto("duplicate")
    bo.approve()
    bo.open("elsewhere")
    desk.answer()
    for _ in range(2):
        bo.open("queue", "review")
        bo.open("elsewhere")
    assert [text.partition(" 0 s")[0] for text, _ in bo.told] == ["c-000001: ada vetoed this"]


def test_a_refusal_is_told_however_much_happened_since(desk, monkeypatch):
    monkeypatch.setattr(desk.store, "log", deque(maxlen=2))
    ada, bo = tab(desk, "ada"), tab(desk, "bo")
    ada.veto("duplicate")
    bo.approve()
    for candidate in ("c-000002", "c-000003", "c-000004"):
        desk.post("queue", [VetoCandidate(candidate=candidate, by="cy", auth="password")])
    desk.answer()
    bo.refresh()
    assert bo.told == [("c-000001: ada vetoed this 0 s ago: duplicate", "bad")]
    later = desk.store.since(desk.store.campaign.seq - 3)
    assert [item.event.kind for item in later] == [CandidateVetoed.__name__] * 3


def test_after_a_reload_ones_last_decisions_are_still_ones_own(desk):
    ada = tab(desk, "ada")
    ada.approve()
    ada.veto("duplicate")
    desk.answer()
    again, bo = tab(desk, "ada"), tab(desk, "bo")
    bo.undo()
    assert bo.told == [("There is no decision of yours to take back.", "info")]
    again.undo()
    bo.candidate = "c-000001"
    bo.undo("c-000001")
    desk.answer()
    again.refresh()
    assert [c.id for c in again.waiting][:2] == ["c-000001", "c-000002"]
    assert [text.partition(" 0 s")[0] for text, _ in again.told] == [
        "bo took the decision about c-000001 back"
    ]


def answered(desk, *tabs):
    desk.answer()
    for one in tabs:
        one.refresh()


def test_several_are_decided_taken_back_and_decided_again_as_one(desk):
    ada = tab(desk, "ada")
    ada.mark()
    ada.mark(1)
    ada.mark(1)
    assert ada.marked == ["c-000001", "c-000002", "c-000003"]
    ada.decide_about(ada.marked, approve=False, reason="duplicate", note="all alike")
    assert (ada.marked, ada.candidate, list(ada.sent)) == (
        [],
        "c-000004",
        ["c-000001", "c-000002", "c-000003"],
    )
    answered(desk, ada)
    assert ada.sent == {}
    assert [c.id for c in ada.waiting] == ["c-000004"]
    ada.undo()
    answered(desk, ada)
    assert len(ada.waiting) == 4
    assert ada.candidate == "c-000001"
    ada.redo()
    answered(desk, ada)
    assert [c.id for c in ada.waiting] == ["c-000004"]
    again = ada.snapshot.candidates["c-000002"].decision
    assert (again.reason, again.note) == ("duplicate", "all alike")
    assert ada.told == []


def test_what_is_taken_back_after_a_reload_and_done_again_is_what_was_shown_at_first(desk):
    ada = tab(desk, "ada")
    said = Shown(sentence="Because.", model_id="m-0001", energy_eV=-1.0, ranks={"all terms": 3}, among=9)
    ada.approve("fine", shown=said)
    ada.decide_about(["c-000002", "c-000003"], approve=False, reason="duplicate", shown={"c-000003": said})
    answered(desk, ada)
    again = tab(desk, "ada")
    for _ in range(3):
        again.undo()
        answered(desk, again)
    assert len(again.waiting) == 4
    for _ in range(3):
        again.redo()
        answered(desk, again)
    assert again.told == []
    kept = [i.event for i in desk.store.store.events() if getattr(i.event, "shown", None) is not None]
    assert [(e.kind, e.candidate, e.shown) for e in kept] == 2 * [
        ("CandidateApproved", "c-000001", said),
        ("CandidateVetoed", "c-000003", said),
    ]


def submit(desk, candidate, cores=1):
    with writing(desk.store.store, desk.store.refresh(), time.time()) as writer:
        folder = f"references/{candidate}"
        writer.append(ReferenceSubmitted(candidate=candidate, attempt=1, folder=folder, cores=cores))


@pytest.fixture
def three_seconds_later(monkeypatch):
    """Whoever looks at the clock does so 3 s after the last event."""
    monkeypatch.setattr(Session, "now", property(lambda self: self.follower.campaign.time + 3.0))


def offered(session):
    """Keep what is offered beside what is said."""
    session.offers = []
    session.notify = lambda text, tone, **offer: session.offers.append((text, tone, offer))
    return session.offers


def test_after_the_hold_an_undo_offers_to_cancel_the_calculation_beside_its_cost(desk, three_seconds_later):
    ada = tab(desk, "ada")
    offers = offered(ada)
    ada.approve()
    answered(desk, ada)
    submit(desk, "c-000001", cores=4)
    ada.refresh()
    ada.undo()
    ((text, tone, offer),) = offers
    assert (text, tone) == (
        "c-000001: sent to the reference already. What was calculated so far stays spent.",
        "warn",
    )
    assert offer["action"] == "Cancel it (12 s so far)"
    assert desk.store.store.pending() == [], "nothing is cancelled that nobody asked for"
    offer["on_action"]()
    answered(desk, ada)
    assert ada.snapshot.candidates["c-000001"].cancel.by == "ada"
    ada.redo()
    ada.undo("c-000001")
    assert [text for text, *_ in offers[1:]] == [
        "There is nothing to do again.",
        "c-000001: cancelled already.",
    ]


def test_what_is_offered_of_one_campaign_is_wished_for_there(desk, monkeypatch, three_seconds_later):
    ada = tab(desk, "ada")
    offers = offered(ada)
    ada.approve()
    answered(desk, ada)
    submit(desk, "c-000001")
    ada.refresh()
    ada.undo()
    asked = []
    monkeypatch.setattr(desk, "post", lambda name, _: asked.append(name) or [])
    ada.open("another")
    offers[-1][2]["on_action"]()
    assert asked == ["queue"]


def test_what_is_taken_back_can_be_decided_at_once(desk):
    ada = tab(desk, "ada")
    ada.approve()
    answered(desk, ada)
    assert "c-000001" not in [c.id for c in ada.waiting]
    ada.undo()
    assert ada.queue[0].id == ada.candidate == "c-000001"
    ada.veto("duplicate")
    assert "c-000001" not in [c.id for c in ada.waiting]
    answered(desk, ada)
    assert ada.told == []
    assert ada.snapshot.candidates["c-000001"].decision.reason == "duplicate"
    assert ada.taken_back == {}


@pytest.mark.parametrize("answered_between", [True, False])
def test_a_deferral_that_is_taken_back_stands_once_in_the_queue(desk, answered_between):
    ada = tab(desk, "ada")
    ada.defer()
    if answered_between:
        answered(desk, ada)
    ada.undo()
    assert len({c.id for c in ada.waiting}) == len(ada.waiting) == 4
    answered(desk, ada)
    assert sorted(c.id for c in ada.waiting) == [f"c-00000{k}" for k in range(1, 5)]


def test_so_can_what_was_decided_a_moment_ago(desk):
    ada = tab(desk, "ada")
    ada.approve()
    ada.undo()
    ada.veto("duplicate")
    answered(desk, ada)
    assert ada.told == []
    assert ada.snapshot.candidates["c-000001"].decision.reason == "duplicate"


def test_an_undo_that_is_refused_leaves_the_candidate_where_it_is(desk, three_seconds_later):
    ada = tab(desk, "ada")
    offered(ada)
    ada.approve()
    answered(desk, ada)
    ada.undo()
    submit(desk, "c-000001")
    answered(desk, ada)
    assert ada.taken_back == {}
    assert "c-000001" not in [c.id for c in ada.waiting]


def test_an_undo_that_is_overtaken_by_the_start_is_an_offer_too(desk, three_seconds_later):
    ada = tab(desk, "ada")
    offers = offered(ada)
    ada.approve()
    answered(desk, ada)
    ada.undo()
    submit(desk, "c-000001")
    answered(desk, ada)
    ((_, tone, offer),) = offers
    assert (tone, offer["action"]) == ("warn", "Cancel it (3 s so far)")
    offer["on_action"]()
    answered(desk, ada)
    assert ada.snapshot.candidates["c-000001"].cancel.by == "ada"


def test_of_several_what_still_can_be_is_taken_back_and_the_rest_may_be_cancelled(desk, three_seconds_later):
    ada = tab(desk, "ada")
    offers = offered(ada)
    ada.decide_about(["c-000001", "c-000002", "c-000003"], approve=True)
    answered(desk, ada)
    submit(desk, "c-000001", cores=2)
    with writing(desk.store.store, desk.store.refresh(), desk.store.campaign.time) as writer:
        writer.append(ReferenceSubmitted(candidate="c-000002", attempt=1, folder="references/c-000002"))
    ada.refresh()
    ada.undo()
    answered(desk, ada)
    assert [c.id for c in ada.waiting] == ["c-000003", "c-000004"]
    ((text, _, offer),) = offers
    assert text.startswith("c-000001, c-000002: sent")
    assert offer["action"] == "Cancel them (9 s so far)"
    offer["on_action"]()
    answered(desk, ada)
    assert all(ada.snapshot.candidates[name].cancel for name in ("c-000001", "c-000002"))


def test_what_is_decided_after_an_undo_is_not_overwritten_by_a_redo(desk):
    ada = tab(desk, "ada")
    ada.approve()
    answered(desk, ada)
    ada.undo()
    answered(desk, ada)
    ada.veto("duplicate")
    answered(desk, ada)
    ada.redo()
    assert ada.told == [("There is nothing to do again.", "info")]


def test_the_outbox_is_sent_at_once_by_whom_it_is(desk):
    ada, bo = tab(desk, "ada"), tab(desk, "bo")
    ada.approve()
    answered(desk, ada, bo)
    bo.send_now()
    assert bo.told == [("No approval of yours is held.", "info")]
    ada.send_now()
    answered(desk, ada)
    assert ada.snapshot.candidates["c-000001"].decision.hold_s < 5


def test_the_queue_is_gone_through_as_it_is_shown(desk):
    ada = tab(desk, "ada")
    by_energy = sorted(ada.waiting, key=lambda c: c.energy_eV)
    ada.queue_view = QueueView(order="lowest energy")
    ada.candidate = by_energy[0].id
    ada.defer("next fit")
    assert ada.candidate == by_energy[1].id
    answered(desk, ada)
    assert [c.id for c in ada.queue] == [c.id for c in [*by_energy[1:], by_energy[0]]]
    ada.queue_view = QueueView(text=by_energy[2].id[-3:])
    assert [c.id for c in ada.queue] == [by_energy[2].id]
    assert len(ada.waiting) == 4


def test_an_edit_is_looked_at_once_it_is_there(desk):
    ada, bo = tab(desk, "ada"), tab(desk, "bo")
    ada.candidate = "c-000002"
    ada.edit([(0, 1.0, 2.0, 3.0)], 0)
    answered(desk, ada, bo)
    store = desk.store.store
    told = {"edit": "e-0001", "parent": "c-000002", "model_id": "m-0001", "reason": "moved"}
    with writing(store, desk.store.refresh(), time.time()) as writer:
        writer.append(CandidateEdited(candidate="c-000099", energy_eV=-1.0, **told))
    ada.refresh()
    bo.refresh()
    assert ada.candidate == "c-000099"
    assert bo.candidate == "c-000001"
    assert ada.told == [("c-000099 came of your edit of c-000002.", "good")]


def test_an_edit_takes_nobody_away_from_what_they_look_at_meanwhile(desk):
    ada = tab(desk, "ada")
    offers = offered(ada)
    ada.candidate = "c-000002"
    ada.edit([(0, 1.0, 2.0, 3.0)], 0)
    answered(desk, ada)
    ada.candidate = "c-000003"
    told = {"edit": "e-0001", "parent": "c-000002", "model_id": "m-0001", "reason": "moved"}
    with writing(desk.store.store, desk.store.refresh(), time.time()) as writer:
        writer.append(CandidateEdited(candidate="c-000099", energy_eV=-1.0, **told))
    ada.refresh()
    assert ada.candidate == "c-000003"
    ((text, tone, offer),) = offers
    assert (text, tone) == ("c-000099 came of your edit of c-000002.", "good")
    assert offer["action"] == "Look at it"
    offer["on_action"]()
    assert ada.candidate == "c-000099"


def test_a_long_log_is_read_in_pieces_and_shown_once_all_of_it_is(desk, monkeypatch):
    monkeypatch.setattr("dashboard.tab.PIECE", 2)
    whole = Follower(desk.store.folder)
    last = whole.refresh()
    whole.close()
    ada, looks = tab(desk, "ada"), 1
    while ada.snapshot is None:
        assert (desk.store.campaign.seq, desk.store.unread) == (2 * looks, last.seq - 2 * looks)
        ada.refresh()
        looks += 1
    assert looks == -(-last.seq // 2) > 1
    assert ada.snapshot == last
    assert ada.candidate == "c-000001"
    desk.store.post([VetoCandidate(candidate="c-000001", reason="other", by="bo", auth="password")])
    desk.answer()
    ada.refresh()
    assert ada.snapshot.seq > last.seq
