"""In lockstep results enter as they were submitted, whoever was faster and whatever was lost between."""

import time

import numpy as np
import pytest

from engine import config
from engine.config import ReferenceSettings
from engine.core import CandidateApproved, fold
from engine.core.folding.change import put
from engine.loop.reference_desk import ReferenceDesk
from engine.loop.writer import writing
from engine.references.folder import JobInput, JobResult, write_input, write_result
from engine.store import Store
from tests.support import large
from tests.support.waiting import wait_for

TOLD = ReferenceSettings(name="ase", calculator="ase.calculators.lj:LennardJones", parallel=2)


@pytest.fixture
def campaign(tmp_path):
    """One whose second candidate was approved and submitted before its first."""
    folder = large.make(tmp_path / "campaign", 2, pace="lockstep")
    store = Store(folder)
    names = [candidate.id for candidate in fold(store.events()).waiting][::-1]
    settings = config.load(folder).model_copy(update={"reference": TOLD})
    desk = ReferenceDesk(folder, settings)
    with writing(store, fold(store.events()), time.time()) as writer:
        for name in names:
            writer.append(CandidateApproved(by="ada", auth="local", candidate=name, hold_s=0.0))
            desk.owe(writer, name, 1)
    yield folder, store, settings, names
    store.close()


def finish(folder, store, name, failure=""):
    structure = store.structures([name])[0]
    place = folder / "references" / f"{name}-1"
    write_input(place, JobInput.of(name, 1, structure, TOLD))
    forces = np.zeros((len(structure), 3)).tolist()
    energy = None if failure else -1.0
    write_result(place, JobResult(energy=energy, forces=forces, failure=failure or "", words=failure))


def restarted(folder, store, settings):
    desk = ReferenceDesk(folder, settings)
    with writing(store, fold(store.events()), time.time()) as writer:
        desk.recover(writer)
    desk.start(store)
    return desk


def collect(desk, store):
    seq = fold(store.events()).seq
    with writing(store, fold(store.events()), time.time()) as writer:
        desk.collect(store, writer)
    return [item.event for item in store.events(after=seq)]


def test_one_result_enters_at_a_time_and_the_order_is_that_of_submission(campaign):
    folder, store, settings, names = campaign
    for name in names:
        finish(folder, store, name)
    desk = restarted(folder, store, settings)
    events = [collect(desk, store) for _ in range(3)]
    assert [[event.candidate for event in some] for some in events] == [[names[0]], [names[1]], []]


def test_what_was_lost_and_is_repeated_keeps_its_place(campaign):
    folder, store, settings, names = campaign
    finish(folder, store, names[1])
    desk = restarted(folder, store, settings)  # of the first there is no folder
    assert fold(store.events()).candidates[names[0]].attempt == 2
    (first,) = wait_for(lambda: collect(desk, store))
    (second,) = collect(desk, store)
    assert [(e.kind, e.candidate) for e in (first, second)] == [("ReferenceCompleted", n) for n in names]


def test_a_result_waits_for_what_follows_from_the_label_before_it(campaign):
    folder, store, settings, names = campaign
    for name in names:
        finish(folder, store, name)
    desk = restarted(folder, store, settings)
    assert len(collect(desk, store)) == 1
    known = fold(store.events())
    owes = put(known, known.candidates[names[0]]._replace(granted=2))  # as GOFEE's, of two points
    assert [c.id for c in owes.candidates.that_owe] == [names[0]]
    with writing(store, owes, time.time()) as writer:
        desk.collect(store, writer)
        assert not writer.wrote
    with writing(store, owes._replace(state="paused"), time.time()) as writer:
        desk.collect(store, writer)  # nothing follows now, and what is paid for is not left lying
        assert writer.campaign.labels[-2:] == tuple(names)
