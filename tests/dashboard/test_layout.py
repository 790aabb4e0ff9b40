"""A tab put together, without a browser: what it tells a person, and what its keys do."""

from types import SimpleNamespace

import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

from dashboard import staying, tidying
from dashboard.appearance import Appearance
from dashboard.layout import Desk
from dashboard.panels.hotkeys import Key
from dashboard.people import Person
from dashboard.presence import Presence
from dashboard.session import Session
from engine.loop import Follower
from tests.support import large

ADA = Person("ada", "local")


@pytest.fixture
def follower(tmp_path):
    made = Follower(large.make(tmp_path / "home" / "queue", 4, n_labelled=5))
    yield made
    made.close()


@pytest.fixture
def session(follower, tmp_path):
    runtime = SimpleNamespace(
        folders=lambda: {"queue": tmp_path / "home" / "queue"},
        follower=lambda name: follower if name == "queue" else None,
        newest=lambda name, at_most: follower.catch_up(at_most) if name == "queue" else None,
        unreadable=lambda _: "",
        past=lambda _: tmp_path / "home" / "queue",
        post=lambda _, commands: follower.post(commands),
        tend=lambda _: None,
        problem=lambda _: "",
        presence=Presence(),
        replays=False,
    )
    return Session(runtime, ADA)


@pytest.fixture
def desk(session, tmp_path, monkeypatch):
    """A tab of somebody who wants notifications, with those it showed in `shown`."""
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path / "home"))
    with set_curdoc(Document()):
        appearance = Appearance(ADA)
        appearance.remember(notify=True, toured=True)
        made = Desk(session, appearance)
        made.shown = []
        made._notifier.show = lambda title, text: made.shown.append((title, text))
        session.open("queue", "live")
        made.open()
        yield made


def test_the_landscape_holds_its_points_while_it_is_looked_at(desk, session):
    session.page = "landscape"
    plots = desk._pages.made["landscape"]._plots
    assert plots.drawn == 9
    desk._pages.use()
    session.page = "audit"
    assert plots.drawn == len(plots._source.data["x"]) == 0
    desk.tick()
    assert plots.drawn == 0
    session.page = "landscape"
    assert plots.drawn == len(plots._source.data["x"]) == 9


def test_a_replay_notifies_nobody_and_announces_nothing_of_the_past(desk, session):
    assert desk._announcer.polite == "Ag8S4 is running. 4 candidates wait for you."
    session.look_back("queue")
    while not session.playback.at_end:
        session.move_in_time(lambda playback: playback.step())
        assert desk._announcer.polite == desk._announcer.assertive == ""
    assert len(session.waiting) == 4
    session.come_back()
    assert desk.shown == []
    assert desk._announcer.polite == "Ag8S4 is running. 4 candidates wait for you."


@pytest.mark.parametrize(
    ("page", "opens"), [("review", "landscape"), ("data", "landscape"), ("audit", "audit")]
)
def test_l_shows_in_the_landscape_what_a_page_shows(desk, session, page, opens):
    session.page = page
    desk._press(Key("l"))
    assert session.page == opens


def test_a_form_is_kept_while_a_person_is_elsewhere_only_if_something_was_typed(desk, session, monkeypatch):
    session.page = "review"
    tidied = []
    monkeypatch.setattr(tidying, "soon", lambda: tidied.append(True))
    session.page = "new"
    first = desk._pages.made["new"]
    session.page = "review"
    assert set(desk._pages.made) == {"review"}
    assert tidied == [True]
    session.page = "new"
    second = desk._pages.made["new"]
    assert second is not first
    second._typed()
    session.page = "review"
    session.page = "new"
    assert desk._pages.made["new"] is second
    assert tidied == [True]


@pytest.mark.parametrize(
    ("page", "use"),
    [
        ("live", lambda desk: desk._pages.use()),
        ("data", lambda desk: desk._pages.use()),
        ("data", lambda desk: desk._press(Key(" "))),
        ("landscape", lambda desk: desk._pages.use()),
    ],
)
def test_a_page_that_was_only_looked_at_is_made_anew(desk, session, page, use):
    session.page = page
    first = desk._pages.made[page]
    session.page = "audit"
    assert set(desk._pages.made) == {"audit"}
    session.page = page
    second = desk._pages.made[page]
    assert second is not first
    use(desk)
    for elsewhere in ("audit", "review", page):
        session.page = elsewhere
    assert desk._pages.made[page] is second


def test_pages_of_one_campaign_are_not_those_of_another(desk, session):
    session.page = "new"
    draft = desk._pages.made["new"]
    draft._typed()
    session.page = "review"
    review = desk._pages.made["review"]
    review._decisions.ask_reason()
    session.approve()
    assert [item["id"] for item in review._outbox.items] == ["c-000006"]
    session.open("", "review")
    desk.draw()  # as at the next tick
    another = desk._pages.made["review"]
    assert another is not review
    assert not another._decisions.asks
    assert another._decisions._decide[0].disabled
    assert another._outbox.items == []
    assert desk._pages.made["new"] is draft


def test_the_landscape_follows_a_step_back_in_time(desk, session):
    session.page = "landscape"
    session.look_back("queue", session.snapshot.seq)
    page = desk._pages.made["landscape"]
    counted = page._count.__panel__().object
    assert "9" in counted
    session.move_in_time(lambda playback: playback.go(6))
    assert page._count.__panel__().object != counted
    assert len(page._minima.rows) < 9


def test_settings_are_made_anew_unless_something_is_typed_there_and_runs_always(desk, session):
    for page in ("runs", "settings", "live"):
        session.page = page
    assert set(desk._pages.made) == {"live"}
    session.page = "settings"
    budget = desk._pages.made["settings"]._budget
    budget._field.value_input = "77"
    session.page = "live"
    assert desk._pages.made["settings"]._budget is budget
    budget._field.value_input = str(session.snapshot.rules.budget)
    session.page = "settings"
    session.page = "live"
    assert set(desk._pages.made) == {"live"}


def is_locked(desk, words):
    (said,) = desk.page.main
    return not desk.page.header and not desk.page.sidebar and words in said.object


def test_a_role_that_is_taken_away_empties_the_tab_within_seconds(desk, session, tmp_path, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(staying, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    file = tmp_path / "home" / "people.toml"

    def look(text, seconds):
        file.write_text(text)
        clock[0] += seconds
        desk.tick()

    session.look_back("queue")
    # while a file is saved it is half there
    for text, seconds in (
        ('local = "look"', 0),
        ("local = ", 0.1),
        ('local = "none"', 2),
        ('local = "look"', 2),
    ):
        look(text, seconds)
        assert desk.page.header
    look('local = "none" ', 2)
    assert desk.page.header
    look('local = "none" ', 3)
    assert is_locked(desk, "You have no role here")
    assert (session.campaign, session.snapshot, session.playback, session.follower) == ("", None, None, None)
    assert session.runtime.presence._places == {}
    file.write_text('local = "administer"')
    session.page = "review"
    assert is_locked(desk, "You have no role here")
    assert desk._pages.made == {}


def test_a_sign_in_that_has_ended_empties_the_tab(desk, session):
    session.signed_in = lambda: False
    desk.tick()
    assert is_locked(desk, "Your sign-in has ended: load this page again.")
    assert session.snapshot is None


def test_a_tab_that_is_opened_late_shows_nothing_to_whoever_lost_the_role(session, tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "people.toml").write_text('local = "none"')
    with set_curdoc(Document()):
        session.open("queue", "live")
        desk = Desk(session, Appearance(ADA))
        desk.open()
        assert is_locked(desk, "You have no role here")
