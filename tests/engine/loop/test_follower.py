"""The newest snapshot, read at once or in pieces, and what was newest of a kind."""

import pytest

from engine.core import fold
from engine.loop import Follower
from tests.support import large


@pytest.fixture
def follower(tmp_path):
    made = Follower(large.make(tmp_path / "queue", 5, n_labelled=3, paused=True))
    yield made
    made.close()


@pytest.mark.parametrize("at_most", [1, 3, 1000])
def test_pieces_come_to_the_same_as_the_whole(follower, at_most):
    events = follower.store.events()
    for read in range(at_most, len(events), at_most):
        assert follower.catch_up(at_most) is None
        assert follower.unread == len(events) - read
        assert follower.campaign == fold(events[:read])
    assert follower.catch_up(at_most) == fold(events)
    assert follower.unread == 0
    assert list(follower.log) == events[-len(follower.log) :]
    assert follower.refresh() is follower.campaign


def test_the_newest_of_a_kind(follower):
    events = follower.store.events()
    assert follower.store.last_event() == events[-1]
    controlled = [item for item in events if item.event.kind == "RunControlled"]
    assert controlled
    assert follower.store.last_event("RunControlled") == controlled[-1]
    assert follower.store.last_event("ReferenceFailed") is None


def test_an_equal_snapshot_is_held_once_and_no_other_is_taken(follower):
    events = follower.store.events()
    mine = follower.refresh()
    follower.share(fold(events[:-1]))
    assert follower.campaign is mine
    twin = fold(events)
    follower.share(twin)
    assert follower.campaign is twin == mine
