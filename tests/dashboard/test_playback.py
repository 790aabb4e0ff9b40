"""A replay is played by the clock, stops to ask where it is told to, and counts what was answered."""

from types import SimpleNamespace

import pytest

from dashboard.captions import STAGES, caption, stage
from dashboard.panels.replay_bar import ReplayBar, tally, verdict
from dashboard.people import Person
from dashboard.playback import LESSON, Answer, Playback
from dashboard.presence import Presence
from dashboard.session import Session
from engine.core import CandidateApproved, CandidateVetoed, ModelRefitted, RunControlled, fold
from engine.errors import CampaignError
from engine.loop import Follower, Replay
from tests.support.stored import unpack


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return unpack(tmp_path_factory.mktemp("past") / "old")


@pytest.fixture
def playback(folder):
    playback = Playback(Replay(folder))
    yield playback
    playback.replay.close()


@pytest.fixture
def session(folder):
    follower = Follower(folder)
    runtime = SimpleNamespace(
        past=lambda _: folder,
        folders=lambda: {"old": folder},
        follower=lambda _: follower,
        newest=lambda _, at_most: follower.catch_up(at_most),
        unreadable=lambda _: "",
        replays=False,
        presence=None,
    )
    session = Session(runtime, Person("ada", "local"))
    session.told = []
    session.notify = lambda text, _: session.told.append(text)
    yield session
    session.come_back()
    follower.close()


def test_the_clock_moves_it_to_the_end_in_a_lesson_at_most(playback):
    seen, now = [], 0.0
    playback.play(now)
    while playback.playing:
        seen.append(playback.replay.position)
        now += 0.25
        playback.tick(now)
    assert seen == sorted(seen)
    assert playback.at_end
    assert now <= LESSON
    playback.play(now)
    assert playback.replay.position == 1


def test_twice_the_speed_takes_half_the_time(playback):
    def seconds(speed):
        playback.speed, now = speed, 0.0
        playback.play(now)
        while playback.playing:
            now += 0.01
            playback.tick(now)
        return now

    assert seconds(1.0) == pytest.approx(2 * seconds(2.0), rel=0.02)


def test_it_stands_still_until_it_is_played(playback):
    playback.tick(1000.0)
    assert playback.replay.position == 1
    playback.play(1000.0)
    playback.pause()
    playback.tick(2000.0)
    assert playback.replay.position == 1


def test_it_asks_before_each_decision_and_shows_it_after_the_answer(playback):
    playback.asks = True
    decided = [
        item.event.candidate
        for item in playback.replay.events
        if isinstance(item.event, CandidateApproved | CandidateVetoed)
    ]
    while not playback.at_end:
        playback.step()
        if playback.question is not None:
            waiting = playback.replay.campaign.candidates[playback.question]
            assert waiting.decision is None or waiting.id in [c.id for c in playback.replay.campaign.waiting]
            stands = playback.replay.position
            playback.step()
            assert playback.replay.position == stands
            given = playback.answer(approves=True, now=0.0)
            assert given.approved == isinstance(playback.last.event, CandidateApproved)
    # a candidate is asked about once, whatever was decided about it later
    assert [answer.candidate for answer in playback.answers] == list(dict.fromkeys(decided))


def test_an_answer_is_judged_by_the_label_that_came():
    best = Answer("c-1", approves=False, approved=True, label_eV=-3.0, best_eV=-2.5)
    worse = Answer("c-2", approves=False, approved=True, label_eV=-2.0, best_eV=-2.5)
    never = Answer("c-3", approves=True, approved=False, label_eV=None, best_eV=-3.0)
    same = Answer("c-4", approves=False, approved=False, label_eV=None, best_eV=-3.0)
    assert verdict(best).startswith("Not as you would have. It was approved")
    assert "-3.000 eV, was the lowest so far" in verdict(best)
    assert "0.500 eV above the lowest" in verdict(worse)
    assert verdict(never).endswith("It was vetoed, and has no label.")
    assert verdict(same).startswith("As you would have.")
    assert tally([same]) == "You agreed 1 of 1 times."
    assert "kept 2 calculations unspent, 1 of which gave a new lowest" in tally([best, worse, never, same])
    assert "none of which" in tally([worse])


def test_every_event_of_a_campaign_has_a_caption_and_most_a_stage(playback):
    events = playback.replay.events
    for k, item in enumerate(events):
        words = caption(item.event, fold(events[:k]))
        assert words[0].isupper() or words[:2] in ("c-", "m-") or words.split()[0] in ("ada", "policy")
        assert words.endswith(".")
    stages = {stage(item.event) for item in events} - {None}
    assert stages == set(range(len(STAGES)))
    model = next(item.event for item in events if isinstance(item.event, ModelRefitted))
    assert "first model" in caption(model, fold([]))
    finish = RunControlled(action="finish", by="engine", auth="engine")
    assert caption(finish, fold(events)) == (
        "The campaign is finished: 2 calculations were paid for, and all that came of them is in."
    )
    assert stage(finish) is None


def test_a_session_looks_back_may_decide_nothing_and_comes_back(session, folder):
    session.open("old", "live")
    newest = session.snapshot
    assert session.may("curate")
    session.look_back("old", 5)
    assert session.snapshot.seq == 5
    assert session.candidate == session.playback.last.event.candidate
    assert session.now == session.playback.last.time
    assert not session.may("curate")
    assert session.may("look")
    session.control("resume")
    assert session.told == ["This is a replay: leave it to decide anything."]
    session.move_in_time(lambda playback: playback.step())
    assert session.snapshot.seq == 6
    session.come_back()
    assert session.snapshot == newest
    assert session.playback is None


def test_looking_back_from_now_begins_at_the_present_with_what_is_on_the_screen(session):
    session.open("old", "landscape")
    newest, chosen = session.snapshot, min(session.snapshot.candidates)
    session.candidate = chosen
    session.look_back_from_now()
    playback = session.playback
    assert playback.at_end
    assert (session.snapshot, session.candidate, session.page) == (newest, chosen, "landscape")
    session.look_back_from_now()
    assert session.playback is playback


def test_the_candidate_on_the_screen_is_what_the_event_is_about(session):
    session.look_back("old")
    while not session.playback.at_end:
        session.move_in_time(lambda playback: playback.step())
        about = getattr(session.playback.last.event, "candidate", None)
        if about is not None:
            assert session.candidate == about
    session.move_in_time(lambda playback: playback.go(1))
    assert session.candidate is None


def test_a_question_turns_to_the_page_that_shows_the_candidate(session):
    session.look_back("old")
    session.page = "live"
    session.playback.asks = True
    while session.playback.question is None:
        session.move_in_time(lambda playback: playback.step())
    assert (session.page, session.candidate) == ("review", session.playback.question)
    session.approve()
    assert session.playback.question is None
    assert len(session.playback.answers) == 1


def test_the_controls_of_the_next_replay_say_how_it_is_played(session):
    bar = ReplayBar(session)
    session.look_back("old")
    bar.draw()
    bar._speed.value, bar._ask.value = "× 20", True
    assert (session.playback.speed, session.playback.asks) == (20.0, True)
    bar.draw()
    assert (bar._speed.value, bar._ask.value) == ("× 20", True)
    session.look_back("old")  # at once, with no drawing between
    bar.draw()
    assert (session.playback.speed, session.playback.asks) == (1.0, False)
    assert (bar._speed.value, bar._ask.value) == ("× 1", False)
    bar._ask.value = True
    assert (session.playback.speed, session.playback.asks) == (1.0, True)
    session.come_back()
    bar.draw()
    assert not bar.view.visible
    session.look_back("old")
    bar.draw()
    assert bar._ask.value is False


def test_a_tab_that_is_closed_leaves_no_database_open(session):
    session.look_back("old", 5)
    store = session.playback.replay.store
    session.runtime.presence = Presence()
    session.end(None)
    with pytest.raises(CampaignError, match="closed"):
        store.events()


def test_what_cannot_be_replayed_is_said_in_a_line(session, tmp_path):
    session.runtime.past = lambda _: tmp_path
    session.runtime.follower = lambda _: None
    session.look_back("none")
    assert session.playback is None
    assert "holds no campaign.db" in session.told[0]
