"""A campaign's past: the same at every event, whichever way one comes to it, and nothing of the future."""

import time

import pytest

from engine.core import ApproveCandidate, fold
from engine.errors import CampaignError
from engine.loop import Replay
from engine.loop import replay as module
from engine.store import PastStore, Store
from tests.support.stored import unpack


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return unpack(tmp_path_factory.mktemp("past") / "campaign")


@pytest.fixture
def replay(folder, monkeypatch):
    monkeypatch.setattr(module, "_KEPT_EVERY", 7)
    replay = Replay(folder)
    yield replay
    replay.close()


def rows(store):
    """Everything a page reads of it."""
    table = store.proposal_table()
    return (
        table.candidate,
        table.scores,
        store.count_proposals(),
        store.pool(1000),
        store.searched(),
        store.count_steps(0),
        store.scores_since(0),
        store.measured(),
    )


def test_every_snapshot_is_the_fold_of_the_events_up_to_it(replay):
    n = len(replay.events)
    for position in [0, 1, n // 2, n, 5, n - 1, 2]:
        replay.seek(position)
        assert replay.refresh() == fold(replay.events[:position])
        assert [item.seq for item in replay.log] == list(range(1, position + 1))


def test_it_stays_within_the_log(replay):
    replay.seek(10**6)
    assert replay.position == replay.campaign.seq == len(replay.events)
    replay.seek(-3)
    assert replay.position == 0


def test_rows_are_those_that_were_written_by_then(replay, folder):
    there = Store(folder)
    seqs = dict(there._read("SELECT candidate, seq FROM proposals"))
    for position in range(len(replay.events) + 1):
        replay.seek(position)
        assert set(replay.store.proposal_table().candidate) == {c for c in seqs if seqs[c] <= position}
        asked = set(replay.campaign.candidates)
        assert asked.isdisjoint(replay.store.pool(1000))
    assert rows(replay.store) == rows(there)
    there.close()


def test_going_back_shows_what_was_shown_before(replay):
    seen = []
    for position in (5, len(replay.events)):
        replay.seek(position)
        seen.append(rows(replay.store))
    assert seen[0] != seen[1]
    replay.seek(5)
    assert rows(replay.store) == seen[0]


def test_the_past_takes_no_wishes_and_stays_as_it_is(replay, folder):
    before = (folder / "campaign.db").read_bytes()
    wish = ApproveCandidate(candidate="c-000001", by="ada", auth="local")
    replay.seek(12)
    with pytest.raises(CampaignError, match="replay: it takes no decisions"):
        replay.post([wish])
    past = PastStore(folder, 12)
    with pytest.raises(CampaignError, match="replay: it takes no decisions"):
        past.post(wish, time.time())
    past.close()
    assert not replay.is_run
    assert (folder / "campaign.db").read_bytes() == before


def test_a_campaign_in_which_nothing_happened_has_no_replay(tmp_path):
    Store.create(tmp_path).close()
    with pytest.raises(CampaignError, match="nothing happened in this campaign yet"):
        Replay(tmp_path)
