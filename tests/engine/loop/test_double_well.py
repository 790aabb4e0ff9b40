"""The template double-well: states missed and invented, shown and repaired; and its run, killed once."""

import re
import signal

import pytest

from engine import campaigns
from engine.config import load
from engine.core import Observe, Refit, fold
from engine.loop.jump_cards import in_words, jump_cards
from engine.loop.pretraining import gather
from engine.loop.task_desk import TaskDesk
from engine.loop.writer import writing
from engine.store import Store
from tests.support import toy, watched
from tests.support.here import Here


class Class:
    """A teacher who fits, watches and labels step by step."""

    def __init__(self, folder):
        self.store = watched.make(folder)
        self._settings = load(folder)
        self._desk = TaskDesk(folder, self._settings, Here(), lambda: None)
        with self._writing() as writer:
            for event, labels in gather(folder, self._settings):
                writer.append(event)
                for label in labels:
                    writer.rows.add_imported(label)

    @property
    def campaign(self):
        return fold(self.store.events())

    def fit_and_watch(self):
        self._do(Refit(f"m-{len(self.campaign.models) + 1:04d}", self.campaign.labels))
        if (model := self._desk.unwatched(self.store, self.campaign)) is not None:
            self._do(Observe(model))

    def _do(self, action):
        self._desk.owe(action)
        self._desk.start(self.store, self.campaign)
        with self._writing() as writer:
            self._desk.collect(writer)

    def _writing(self):
        return writing(self.store, self.campaign, self.campaign.time + 1)


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """Campaign, store and cards after three fits: after each but the last what waits is labelled."""
    lesson = Class(tmp_path_factory.mktemp("class") / "mine")
    lesson.fit_and_watch()
    for _ in range(2):
        watched.labelled(lesson.store, [candidate.id for candidate in lesson.campaign.waiting])
        lesson.fit_and_watch()
    yield lesson.campaign, lesson.store, jump_cards(lesson.campaign, lesson.store)
    lesson.store.close()


def length(positions):
    return float(((positions[1] - positions[0]) ** 2).sum() ** 0.5)


def test_a_state_is_invented_and_a_later_model_no_longer_has_it(taught):
    _, _, cards = taught
    invented = [card for card in cards if card.state_class == "invented"]
    assert invented
    for card in invented:
        assert length(card.jump.positions) > 5.7, "the atoms do not part"
        assert card.excess[2] > 0.15
        assert card.stays[card.jump.model_id].visits > 0
        assert card.repaired_by == [*card.stays][-1]
        assert card.stays[card.repaired_by].visits == 0
        assert re.search(r"Invented: the reference has the state \d\.\d\d eV above", in_words(card))


def test_the_far_well_was_missing_before_and_later_models_visit_it(taught):
    campaign, _, cards = taught
    (far,) = [card for card in cards if card.state_class == "missing before"]
    assert 3.9 < length(far.jump.positions) < 5.7  # beyond the barrier, and bound
    assert far.frames[2].label_eV < 0.15
    before = [stay.visits for model, stay in far.stays.items() if model < far.jump.model_id]
    after = [stay for model, stay in far.stays.items() if model > far.jump.model_id]
    assert before
    assert before == [0] * len(before)
    assert sum(stay.visits for stay in after) > 0
    assert (far.repaired_by == campaign.model_id) == (after[-1].visits > 0)
    assert abs(far.excess[0]) < 0.1, "both know the near well"
    assert far.excess[2] < 0.15
    assert "Missing before: the state is real" in in_words(far)


def test_frames_wait_for_a_word_as_all_candidates_do(taught):
    campaign, store, cards = taught
    names = [frame.id for card in cards for frame in card.frames]
    assert len(set(names)) == 3 * len(cards)
    for card in cards:
        for frame, role in zip(card.frames, ("before", "at", "after"), strict=True):
            assert frame.generator == "watch"
            assert frame.why.startswith(f"Frame {role} jump {card.jump.name} of a trajectory in m-000")
            assert frame.flags == ()
    assert set(store.kinds(names).values()) == {"watch"}
    assert campaign.spent == len(campaign.labels)


def test_each_accepted_model_has_its_row_with_signals_jumps_and_visits(taught):
    campaign, store, _ = taught
    rows = store.watched()
    assert [one.model_id for one in rows] == [model.model_id for model in campaign.models if model.accepted]
    for one in rows:
        assert (one.trouble, one.frame_time) == ("", 40.0)
        assert len(one.signals) == len(one.jumps) == 6
        assert all(set(signals) == {"displacement", "uncertainty"} for signals in one.signals)
        assert all(len(signals["uncertainty"]) == 80 for signals in one.signals)
        assert all(visit.begin < visit.end <= 80 for visit in one.visits)


def test_a_run_that_was_killed_in_the_middle_of_a_watch_watches_again_and_ends(tmp_path):
    folder = tmp_path / "mine"
    campaigns.new(folder, "double-well", budget=2, watch={"frames": 21, "trajectories": 2})
    killed = toy.run(folder, "run", folder, "--auto-approve", DELTADESK_CRASH="model-watched:1")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    store = Store(folder)
    assert store.watched() == store.jumps() == ()
    done = toy.run(folder, "run", folder, "--auto-approve")
    assert done.returncode == 0, done.stderr
    campaign = fold(store.events())
    accepted = [model.model_id for model in campaign.models if model.accepted]
    assert [one.model_id for one in store.watched()] == accepted
    assert (campaign.state, len(campaign.labels)) == ("finished", 2)
    store.close()
