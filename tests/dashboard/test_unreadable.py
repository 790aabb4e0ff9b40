"""One campaign that cannot be read: it is named with its reason, and every other one works."""

import sqlite3
import time
from contextlib import closing
from types import SimpleNamespace

import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

from dashboard.appearance import Appearance
from dashboard.layout import Desk
from dashboard.opening import open_session
from dashboard.pages.new import New
from dashboard.pages.runs import Runs
from dashboard.people import Person
from dashboard.runtime import Runtime, _Running
from engine.core import (
    ApproveCandidate,
    Campaign,
    CandidateApproved,
    ReferenceSubmitted,
    RunControlled,
    fold,
)
from engine.loop.writer import writing
from engine.store import Store
from tests.support import large

ADA = Person("ada", "local")


def truncated(path):
    """Lose the end of the file, as a copy that broke off does."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.write_bytes(path.read_bytes()[:6000])


def scribbled(path):
    _change(path, "UPDATE events SET body = '{' WHERE seq = 2")


def newer(path):
    _change(path, "UPDATE events SET schema_version = 999 WHERE seq = 2")


def of_two_writers(path):
    _change(path, "UPDATE events SET body = (SELECT body FROM events WHERE seq = 1) WHERE seq = 3")


def _change(path, statement):
    with closing(sqlite3.connect(path)) as database:
        database.execute(statement)
        database.commit()


HARMS = {
    truncated: "damaged",
    scribbled: "event 2 is not readable",
    newer: "was written by a newer deltadesk",
    of_two_writers: "event 3: a campaign starts once",
}


@pytest.fixture(params=HARMS, ids=lambda harm: harm.__name__)
def broken(request, tmp_path, monkeypatch):
    """A home with a sound campaign and one that was harmed; and what is said of that."""
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    large.make(tmp_path / "sound", 4, paused=True)
    request.param(large.make(tmp_path / "broken", 4, paused=True) / "campaign.db")
    return HARMS[request.param]


def said_of(runs, name):
    return runs._cards[name]._text._pane.object


def test_the_desk_opens_with_the_campaign_that_works(broken):
    runtime = Runtime()
    session = open_session(runtime, ADA, {})
    assert (session.campaign, session.page) == ("sound", "review")
    assert [c.id for c in session.queue] == [f"c-00000{k}" for k in (1, 2, 3, 4)]
    runs = Runs(session)
    runs.draw()
    assert broken in said_of(runs, "broken")
    assert runs._cards["broken"]._open.disabled
    assert broken not in said_of(runs, "sound")
    assert not runs._cards["sound"]._open.disabled
    assert (runtime.problem("sound"), broken in runtime.problem("broken")) == ("", True)
    New(session).draw()


@pytest.mark.parametrize("where", [{}, {"page": [b"review"], "candidate": [b"c-000001"]}, {"at": [b"5"]}])
def test_an_address_of_the_broken_one_gives_one_clear_line(broken, where):
    with set_curdoc(Document()):
        session = open_session(Runtime(), ADA, {"campaign": [b"broken"], **where})
        desk = Desk(session, Appearance(ADA, "", ""))
        desk.draw()
        desk.tick()
        said = desk._notices._text._pane.object
        assert broken in said
        assert "\n" not in said
        session.open("sound")
        desk.draw()
    assert len(session.queue) == 4


def test_what_was_mended_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    path = large.make(tmp_path / "broken", 4, paused=True) / "campaign.db"
    with closing(sqlite3.connect(path)) as database:
        (body,) = database.execute("SELECT body FROM events WHERE seq = 2").fetchone()
    scribbled(path)
    runtime = Runtime()
    session = open_session(runtime, ADA, {"campaign": [b"broken"]})
    assert session.snapshot is None
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE events SET body = ? WHERE seq = 2", (body,))
        database.commit()
    session.refresh()
    assert len(session.queue) == 4
    assert runtime.problem("broken") == ""


@pytest.mark.parametrize("at", ["9" * 5000, "9" * 19, "-1", "1e3", "²", ""])
def test_an_address_with_a_place_that_is_none_opens_the_present(tmp_path, monkeypatch, at):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    large.make(tmp_path / "sound", 4, paused=True)
    session = open_session(Runtime(), ADA, {"campaign": [b"sound"], "at": [at.encode()]})
    assert (session.campaign, session.playback) == ("sound", None)
    assert len(session.queue) == 4


def test_a_campaign_that_runs_here_is_held_in_memory_once(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    large.make(tmp_path / "queue", 4, paused=True)
    runtime = Runtime()
    mine = runtime.newest("queue", 1000)
    theirs = fold(runtime.follower("queue").store.events())
    runtime._running["queue"] = _Running(SimpleNamespace(campaign=theirs), None)
    assert mine == theirs is not mine
    assert runtime.newest("queue", 1000) is theirs
    runtime._running["queue"] = _Running(SimpleNamespace(campaign=Campaign()), None)
    assert runtime.newest("queue", 1000) is theirs


def test_the_address_of_a_recording_without_a_moment_is_its_beginning(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    session = open_session(Runtime(), ADA, {"campaign": [b"ag6s3 (recorded)"], "page": [b"landscape"]})
    assert session.playback.replay.position == 1
    assert (session.campaign, session.page) == ("ag6s3 (recorded)", "landscape")
    assert open_session(Runtime(), ADA, {"campaign": [b"nothing (recorded)"]}).playback is None


def test_a_wish_is_kept_where_nobody_can_answer_it_now_and_the_page_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    folder = large.make(tmp_path / "queue", 2)
    settings = folder / "campaign.toml"
    sound = settings.read_text()
    settings.write_text(sound + "\nnonsense = 1\n")
    runtime = Runtime()
    wish = ApproveCandidate(by="ada", auth="local", candidate="c-000001")
    assert len(runtime.post("queue", [wish])) == 1
    assert "nonsense" in runtime.problem("queue")
    (kept,) = runtime.follower("queue").store.pending()
    assert kept.command == wish
    runtime.close()


@pytest.mark.parametrize("submitted", [True, False])
def test_a_stopped_campaign_is_looked_after_while_its_calculation_runs(tmp_path, monkeypatch, submitted):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    store = Store(large.make(tmp_path / "queue", 2))
    with writing(store, fold(store.events()), time.time()) as writer:
        writer.append(CandidateApproved(by="ada", auth="local", candidate="c-000001", hold_s=0.0))
        if submitted:
            told = {"candidate": "c-000001", "attempt": 1, "folder": "references/c-000001-1"}
            writer.append(ReferenceSubmitted(**told))
        writer.append(RunControlled(by="ada", auth="local", action="stop"))
    runtime, begun = Runtime(), []
    monkeypatch.setattr(runtime, "_run", begun.append)
    runtime.resume_all()
    store.close()
    assert begun == ["queue"] * submitted


def test_a_wish_that_came_as_the_runner_came_to_rest_is_answered(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    large.make(tmp_path / "queue", 2, paused=True)
    seen = []

    class Resting:
        """Looks at the inbox, and is still there a moment later."""

        campaign = Campaign()

        def __init__(self, folder, *_):
            self._folder = folder

        def run(self, _):
            store = Store(self._folder)
            seen.append(len(store.pending()))
            if len(seen) == 1:
                store.post(ApproveCandidate(by="ada", auth="local", candidate="c-000001"), time.time())
                runtime.tend("queue")
            else:
                with store.transaction(9, time.time()) as rows:
                    rows.consume(store.pending()[0].id)
            store.close()

        def wake(self):
            pass

        def close(self):
            pass

    monkeypatch.setattr("dashboard.runtime.Runner", Resting)
    runtime = Runtime()
    runtime.tend("queue")
    first = runtime._running["queue"]
    first.thread.join(20)
    runtime._running["queue"].thread.join(20)
    assert seen == [0, 1]
    runtime.close()
