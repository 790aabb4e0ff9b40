"""A veto is drawn in a running campaign: its structure waits once more, and a kill draws it only once."""

import signal

from engine.core import ControlDrawn, Status
from engine.store import Store, is_locked
from engine.store.connection import LOCK
from tests.engine.loop.test_crash import campaign, start, wait_for
from tests.support import history, toy


def drawn(folder):
    return [item.event for item in history.events(folder) if isinstance(item.event, ControlDrawn)]


def test_a_vetoed_structure_is_asked_about_once_more_and_calculated_beside_the_budget(tmp_path):
    folder = toy.make(tmp_path / "toy", policy="person", budget=1, pace="live")
    path = folder / "campaign.toml"
    text = path.read_text()
    assert "[curation]\n" in text
    path.write_text(text.replace("[curation]\n", "[curation]\ncontrol = 1.0\ncontrol_budget = 1\n"))
    server = start(folder, DELTADESK_CRASH="inside:ControlDrawn:1")
    vetoed = wait_for(lambda: campaign(folder).waiting, 180)[0].id
    toy.run(folder, "decide", folder, vetoed, "veto", "--reason", "too flat")
    assert server.wait(timeout=180) == -signal.SIGKILL
    assert not drawn(folder)
    assert start(folder, DELTADESK_CRASH="after:ControlDrawn:1").wait(timeout=180) == -signal.SIGKILL
    server = start(folder)
    wait_for(lambda: is_locked(folder / LOCK), 180)  # or `decide` answers in its place
    (event,) = wait_for(lambda: drawn(folder), 180)
    assert event.vetoed == vetoed
    assert "vetoed this as" in event.reason
    assert "too flat" in event.reason
    assert "approved" in toy.run(folder, "decide", folder, event.candidate, "approve").stdout
    wait_for(lambda: campaign(folder).candidates[event.candidate].status is Status.LABELLED, 180)
    now = campaign(folder)
    assert (now.spent, now.left) == (0, 1)
    store = Store(folder)
    before, again = store.structures([vetoed, event.candidate])
    store.close()
    assert (before.positions == again.positions).all()
    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=180) == 1
    assert len(drawn(folder)) == 1
