"""The page Review without a browser: what its keys do, and which cards it draws."""

import json
from concurrent.futures import Future
from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.keys import KEYS
from dashboard.layout import FIELDS
from dashboard.pages.review import Review
from dashboard.panels.hotkeys import Key
from dashboard.people import Person
from dashboard.presence import Presence
from dashboard.session import Session
from engine.core import ApproveCandidate, EditCandidate
from engine.errors import CampaignError
from engine.loop import Follower
from engine.loop.predicted_forces import PredictedForces, predicted_forces
from tests.support import large
from tests.support.stored import unpack


@pytest.fixture
def follower(tmp_path, request):
    made = Follower(large.make(tmp_path / "queue", getattr(request, "param", 4)))
    yield made
    made.close()


@pytest.fixture
def session(follower):
    runtime = SimpleNamespace(
        follower=lambda _: follower,
        newest=lambda _, at_most: follower.catch_up(at_most),
        unreadable=lambda _: "",
        post=lambda _, commands: follower.post(commands),
        tend=lambda _: None,
        presence=Presence(),
        replays=False,
        ask=lambda *_: Future(),
    )

    made = Session(runtime, Person("ada", "local"))
    made.told = []
    made.notify = lambda text, _: made.told.append(text)
    made.open("queue", "review")
    return made


@pytest.fixture
def review(session):
    page = Review(session)
    session.param.watch(lambda *_: page.draw(), ["candidate", "sent", "marked"])
    page.draw()
    return page


def wishes(session):
    return [wish.command for wish in session.follower.store.pending()]


def drag(review, atom=0, place=(1.0, 2.0, 3.0)):
    """What the browser says once a person has dragged an atom."""
    review.press(Key("e"))
    review._viewer._handle_msg({"atom": atom, "place": place})


def test_with_atoms_moved_a_asks_for_what_comes_of_them(session, review):
    drag(review)
    review.press(Key("a"))
    (wish,) = wishes(session)
    assert isinstance(wish, EditCandidate)
    assert (wish.candidate, wish.moves) == ("c-000001", ((0, 1.0, 2.0, 3.0),))
    assert not review._edit.opened


@pytest.mark.parametrize(
    "key",
    [
        *(Key(key) for key in ("j", "k", "ArrowDown", "x", "d", "u", "v", "e", "t")),
        *(Key(key, shift=True) for key in ("j", "a", "x", "d", "u")),
        *(Key(key, ctrl=True) for key in ("z", "Enter")),
    ],
)
def test_with_atoms_moved_other_keys_say_so_and_lose_nothing(session, review, key):
    drag(review)
    review.press(key)
    assert session.told == ["An edit of c-000001 is open. A relaxes it and asks, Esc puts the atoms back."]
    assert (session.candidate, session.marked, wishes(session)) == ("c-000001", [], [])
    assert review._edit.moved
    assert not review._decisions.asks
    review.press(Key("Escape"))
    assert not review._edit.opened
    review.press(Key("j"))
    assert session.candidate == "c-000002"


def test_the_buttons_approve_no_candidate_whose_atoms_were_moved(session, review):
    drag(review)
    review._decisions.approve()
    review._decisions.defer()
    review._decisions.ask_reason()
    assert len(session.told) == 3
    assert wishes(session) == []


def note(review, text):
    review._decisions._note.param.update(value=text, value_input=text)


def test_a_note_goes_with_the_deferral_that_it_was_written_for(session, review):
    note(review, "ask Eva first")
    review.press(Key("d"))
    review.press(Key("a"))
    deferred, approved = wishes(session)
    assert (deferred.candidate, deferred.note) == ("c-000001", "ask Eva first")
    assert (approved.candidate, approved.note) == ("c-000002", "")


def test_a_note_does_not_come_along_to_the_next_candidate(session, review):
    note(review, "half a bond too long")
    review.draw()
    review.press(Key("j"))
    review.press(Key("a"))
    (approved,) = wishes(session)
    assert (approved.candidate, approved.note) == ("c-000002", "")


def test_a_note_that_is_still_being_written_does_not_either(session, review):
    review._decisions._note.param.update(value_input="half a bond too long")
    review.draw()
    review.press(Key("j"))
    review.press(Key("a"))
    (approved,) = wishes(session)
    assert approved.note == ""
    assert review._decisions._note.value_input == ""


def test_a_note_on_several_waits_until_they_are_chosen(session, review):
    review.press(Key("v"))
    note(review, "all of one kind")
    review.press(Key("j", shift=True))
    review.press(Key("j", shift=True))
    review.press(Key("x", shift=True))
    review.press(Key("1"))
    assert {wish.note for wish in wishes(session)} == {"all of one kind"}
    assert len(wishes(session)) == 3


def test_an_edit_that_moved_nothing_is_in_nobodys_way(session, review):
    review.press(Key("e"))
    review.press(Key("a"))
    (wish,) = wishes(session)
    assert isinstance(wish, ApproveCandidate)
    assert session.candidate == "c-000002"
    assert session.told == []
    assert not review._edit.opened


def test_a_click_on_another_card_says_that_the_edit_was_left(session, review):
    drag(review)
    review._queue.cards.selected = "c-000003"
    assert session.candidate == "c-000003"
    assert session.told == ["The edit of c-000001 was left; its atoms are back."]


def test_looking_goes_on_with_atoms_moved(session, review):
    drag(review)
    for key in "qfrc":
        review.press(Key(key))
    assert session.told == []
    assert review._edit.moved


@pytest.mark.parametrize("follower", [230], indirect=True)
def test_the_card_on_the_screen_is_drawn_however_long_the_queue(session, review):
    order = [candidate.id for candidate in session.queue]

    def drawn():
        cards = [card["id"] for card in json.loads(review._queue.cards.sent)]
        assert len(cards) == 200
        assert review._queue.cards.total == 230
        assert review._queue.cards.selected == session.candidate
        at = order.index(cards[0])
        assert cards == order[at : at + 200], "a piece of the queue, in its order"
        assert session.candidate in cards
        return at

    assert drawn() == 0
    session.candidate = order[188]
    for place in (189, 190, 191):
        review.press(Key("j"))
        assert session.candidate == order[place]
        assert drawn() == max(0, place - 189)
    session.candidate = order[-1]
    assert drawn() == 30
    review.press(Key("k"))
    assert drawn() == 30
    session.candidate = order[0]
    assert drawn() == 0


@pytest.fixture
def labelled(tmp_path):
    made = Follower(unpack(tmp_path / "old"))
    yield made
    made.close()


@pytest.fixture
def asked(session):
    """What was asked of a worker, in order: [(task's arguments, future)]."""
    made = []

    def ask(_, task, *arguments):
        assert task is predicted_forces
        made.append((arguments, Future()))
        return made[-1][1]

    session.runtime.ask = ask
    return made


def test_q_goes_through_the_colours_and_asks_the_model_for_forces_that_no_label_has(
    session, review, labelled, asked
):
    def colours(times):
        shown = []
        for _ in range(times):
            review.press(Key("q"))
            shown.append(review._viewer.color_by)
        return shown

    assert colours(2) == ["force", "element"]
    assert [arguments[1] for arguments, _ in asked] == [session.candidate]
    session.runtime.follower = lambda _: labelled
    session.runtime.newest = lambda _, at_most: labelled.catch_up(at_most)
    session.open("old")
    session.candidate = session.snapshot.labels[0]
    assert colours(3) == ["uncertainty", "force", "element"]
    assert drawn(review)["arrow_label"] == "force"
    assert len(asked) == 1


def drawn(review):
    """The scene on the screen, with what has changed since it was sent."""
    return {**review._viewer.scene, **(review._viewer.motion or {})}


def test_f_draws_the_models_forces_once_a_worker_has_them_and_never_those_of_another(session, review, asked):
    first = session.candidate
    review.press(Key("f"))
    ((folder, candidate, model_id), future) = asked[0]
    assert (folder, candidate) == (session.follower.store.folder, first)
    assert drawn(review).get("tips") is None
    assert review._viewer.no_forces == "forces: the model computes them"
    forces = np.full((12, 3), 0.5)
    future.set_result(PredictedForces(first, model_id, forces))
    review.follow_workers()
    np.testing.assert_allclose(drawn(review)["forces"], np.sqrt(0.75), rtol=1e-6)
    assert drawn(review)["arrow_label"] == f"force in {model_id}"
    review.press(Key("j"))
    assert session.candidate != first
    assert drawn(review).get("tips") is None
    asked[1][1].set_exception(CampaignError("the model m-0001 is not here"))
    review.follow_workers()
    assert review._viewer.no_forces == "no forces: the model m-0001 is not here"
    review.press(Key("f"))
    review.press(Key("k"))
    assert len(asked) == 2, "nobody wants to see them any more"


def test_escape_closes_the_innermost_first(session, review):
    review.press(Key("v"))
    review.press(Key("c"))
    review.press(Key("e"))
    left = []
    for _ in range(3):
        review.press(Key("Escape"))
        left.append((review._edit.opened, review._compare.is_open, len(session.marked)))
    assert left == [(False, True, 1), (False, False, 1), (False, False, 0)]


def test_the_help_lists_the_keys_of_this_page_and_no_others(review):
    groups = [group for group in KEYS if group.title.startswith("Review")]
    said = {
        part.replace("+", " ").lower().replace("enter", "Enter")
        for group in groups
        for keys, _ in group.keys
        for part in keys.partition(" then ")[0].split()
        if part not in ("or", "Esc")
    }
    assert said == {key for key in review._keys if not key.startswith("Arrow")} | set(FIELDS) | {"l"}, (
        "L is the tab's"
    )


def test_a_place_is_typed_and_what_is_no_number_moves_nothing_and_is_marked(session, review):
    review.press(Key("e"))
    review._viewer.picked = 2
    x, _, _ = review._edit._place
    before = float(x.value)
    x.value = "1,5 Å"
    assert x.error_state
    assert not review._edit.moved
    x.value = f"\u2212{abs(before) + 1:.2f}"
    assert not x.error_state
    ((atom, moved_to, _, _),) = review._edit._moves()
    assert (atom, moved_to) == (2, pytest.approx(-abs(before) - 1, abs=0.01))
    for steps in ("many", "-1", "2.5", "1001"):
        review._edit._steps.value = steps
        review.press(Key("a"))
    assert session.told == ["Steps are a whole number from 0 to 1000."] * 4
    assert wishes(session) == []
    review._edit._steps.value = "0"
    review.press(Key("a"))
    assert [wish.steps for wish in wishes(session)] == [0]
