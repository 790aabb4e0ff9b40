"""Two tabs on one campaign: who is told what when they disagree."""

import time

import pytest

from dashboard.people import Person
from dashboard.session import Session
from engine.core import decide
from engine.loop import Follower
from engine.loop.writer import writing
from tests.support import large


class Desk:
    """A runtime of one campaign, whose wishes are answered when the test says so."""

    def __init__(self, folder):
        self._folder = folder
        self.store = Follower(folder)

    def follower(self, _name):
        return self.store

    def post(self, _name, command, command_id=None):
        return self.store.post(command, command_id)

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


def test_a_veto_beats_an_approval_that_was_granted(desk):
    ada, bo = tab(desk, "ada"), tab(desk, "bo")
    ada.approve()
    bo.veto("duplicate")
    desk.answer()
    ada.refresh()
    bo.refresh()
    assert bo.told == []
    assert ada.told == [("bo vetoed c-000001: duplicate. Your decision no longer holds.", "bad")]
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
