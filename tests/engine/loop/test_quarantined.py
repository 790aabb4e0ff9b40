"""What waits and is like a structure whose calculation failed is flagged, and no policy pays for it."""

import time
from dataclasses import replace

import numpy as np
import pytest

from engine import config
from engine.config import ChecksSettings
from engine.core import CandidateApproved, ReferenceSubmitted, fold
from engine.loop import jobs, reference_desk
from engine.loop.jobs import JobResult
from engine.loop.reference_desk import ReferenceDesk
from engine.loop.tasks import _with_failed
from engine.loop.writer import writing
from engine.store import Store
from tests.support import large

WIDE = ChecksSettings(duplicate_distance=10.0, duplicate_energy=1000.0)


@pytest.fixture
def store(tmp_path):
    store = Store(large.make(tmp_path / "queue", 4, paused=True))
    yield store
    store.close()


def fails(store, monkeypatch, checks, failure="crashed"):
    """Approve the first of four, let its calculation fail, and give the campaign afterwards."""
    first = fold(store.events()).waiting[0].id
    settings = config.load(store.folder).model_copy(update={"checks": checks})
    desk = ReferenceDesk(store.folder, settings)
    desk._handles[first, 1] = jobs.Handle(store.folder / "references" / "x", None)
    monkeypatch.setattr(jobs, "poll", lambda _: jobs.Poll.FINISHED)
    monkeypatch.setattr(jobs, "collect", lambda *_: JobResult(failure=failure, words="it broke"))
    monkeypatch.setattr(jobs, "explain", lambda _, result: result.words)
    with writing(store, fold(store.events()), time.time()) as writer:
        writer.append(CandidateApproved(candidate=first, by="ada", auth="local", hold_s=0.0))
        writer.append(ReferenceSubmitted(candidate=first, attempt=1, folder="references/x"))
        desk.collect(store, writer)
    return first, fold(store.events())


def flagged(campaign):
    return {c.id: flag.reason for c in campaign.waiting for flag in c.flags if flag.check == "quarantine"}


def test_what_is_like_it_is_flagged_by_its_name(store, monkeypatch):
    first, campaign = fails(store, monkeypatch, WIDE)
    assert [c.id for c in campaign.quarantined] == [first]
    assert set(flagged(campaign)) == {c.id for c in campaign.waiting}
    assert len(flagged(campaign)) == 3
    assert set(flagged(campaign).values()) == {f"like {first}, whose reference calculation failed"}


def test_what_is_not_like_it_is_not(store, monkeypatch):
    _, campaign = fails(store, monkeypatch, ChecksSettings(duplicate_energy=1e-9))
    assert campaign.quarantined
    assert flagged(campaign) == {}


def test_a_failure_that_says_nothing_of_the_structure_puts_nothing_in_quarantine(store, monkeypatch):
    _, campaign = fails(store, monkeypatch, WIDE, failure="lost")
    assert campaign.quarantined == []
    assert flagged(campaign) == {}


def test_what_is_found_later_is_flagged_before_anybody_is_asked(store):
    failed, *rows = store.proposals([f"c-{k:06d}" for k in (1, 2, 3)])
    twin = replace(rows[0], base_energy=failed.base_energy, features=failed.features)
    other = replace(rows[1], features=failed.features + np.ones(len(failed.features)))
    found = _with_failed([twin, other], [failed], config.load(store.folder))
    assert [flag.check for flag in found[0].flags if flag not in twin.flags] == ["quarantine"]
    assert found[1].flags == other.flags


def test_frames_of_molecular_dynamics_are_all_alike_and_only_the_same_one_is_flagged(store, monkeypatch):
    """As everywhere, limits that fit relaxed minima do not hold for what was not relaxed."""
    monkeypatch.setattr(reference_desk, "search_of", lambda _: "watch")
    _, campaign = fails(store, monkeypatch, WIDE)
    assert campaign.quarantined
    assert flagged(campaign) == {}
