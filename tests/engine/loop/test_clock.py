"""Clocks that are set: what happens keeps its order, and a hold its length."""

import threading
import time

from engine import config
from engine.core import ApproveCandidate, RunControlled
from engine.loop import Explorers, Runner
from engine.loop.clock import Clock
from engine.store import Store
from tests.crash import toys
from tests.engine.loop.test_crash import campaign, wait_for
from tests.support import history


class Machine:
    """A machine whose clock can be set."""

    def __init__(self):
        self.wall = 1000.0
        self.passed = 0.0
        self.clock = Clock(lambda: self.wall, lambda: self.passed)

    def wait(self, seconds):
        self.wall += seconds
        self.passed += seconds
        return self.clock.now()


def test_a_clock_that_is_set_back_goes_on_at_the_right_pace_until_it_is_true_again():
    machine = Machine()
    assert machine.wait(5) == 1005
    machine.wall -= 100
    assert machine.wait(0) == 1005
    assert machine.wait(60) == 1065
    machine.wall += 100
    assert machine.wait(1) == 1066
    machine.wall += 3600  # it slept
    assert machine.wait(0) == 4666


def test_a_clock_goes_on_after_the_last_event():
    machine = Machine()
    machine.clock.not_before(2000.0)
    assert machine.wait(5) == 2005
    machine.clock.not_before(1500.0)
    assert machine.wait(5) == 2010


def test_set_back_by_an_hour_a_campaign_keeps_its_holds_and_the_order_of_its_events(tmp_path, monkeypatch):
    folder = toys.make(tmp_path / "toy", "person", budget=1, hold=2.0)
    monkeypatch.setenv("DELTADESK_WITNESS", str(folder / "witness.txt"))
    set_back = 0.0
    explorers = Explorers(1)
    clock = Clock(lambda: time.time() - set_back)
    runner = Runner(folder, config.load(folder), explorers, clock=clock)
    thread = threading.Thread(
        target=runner.run, args=(RunControlled(action="start", by="ada", auth="local"),)
    )
    thread.start()
    try:
        first, *_ = wait_for(lambda: campaign(folder).waiting)
        store = Store(folder)
        wish = store.post(ApproveCandidate(candidate=first.id, by="ada", auth="local"), time.time())
        wait_for(lambda: store.answer(wish))
        store.close()
        set_back = 3600.0
        thread.join(timeout=60)
        assert not thread.is_alive(), "the hold lasts an hour longer"
    finally:
        runner.close()
        explorers.close()
    when = {item.event.kind: item.time for item in history.events(folder)}
    assert 2.0 <= when["ReferenceSubmitted"] - when["CandidateApproved"] < 60.0
    times = [item.time for item in history.events(folder)]
    assert times == sorted(times)
