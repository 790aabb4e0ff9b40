"""What was lost with its machine is repeated as often as it may be, and leaves no program behind."""

import os
import signal
import sys
import time

import psij
import psutil
import pytest

from engine import config
from engine.config import ReferenceSettings
from engine.core import (
    CandidateApproved,
    ReferenceChange,
    ReferenceFailed,
    ReferenceSubmitted,
    RetryApproved,
    RunControlled,
    Status,
    fold,
)
from engine.loop import jobs
from engine.loop.reference_desk import ReferenceDesk
from engine.loop.writer import writing
from engine.references.folder import ABANDONED, JobInput, read_start, write_input
from engine.store import Store
from tests.support import large, toy
from tests.support.waiting import wait_for

ADA = {"by": "ada", "auth": "local"}


@pytest.fixture
def store(tmp_path):
    store = Store(large.make(tmp_path / "queue", 2))
    yield store
    store.close()


def desk_of(store):
    return ReferenceDesk(store.folder, config.load(store.folder))


def submitted(writer, candidate, attempt=1):
    folder = f"references/{candidate}-{attempt}"
    writer.append(ReferenceSubmitted(candidate=candidate, attempt=attempt, folder=folder))


def fails_and_is_retried(writer, candidate, attempt):
    writer.append(
        ReferenceFailed(
            candidate=candidate, attempt=attempt, failure="not-converged", log="", seconds=1.0, cores=1
        )
    )
    writer.append(RetryApproved(**ADA, candidate=candidate, change=ReferenceChange(), hold_s=0.0))
    submitted(writer, candidate, attempt + 1)


def recovered(store, *, failures=0, lost=0, then=None):
    """A candidate whose calculation failed and was lost so often; what a restart makes of it."""
    first = fold(store.events()).waiting[0].id
    with writing(store, fold(store.events()), time.time()) as writer:
        writer.append(CandidateApproved(**ADA, candidate=first, hold_s=0.0))
        submitted(writer, first)
        for attempt in range(1, failures + 1):
            fails_and_is_retried(writer, first, attempt)
        for attempt in range(failures + 2, failures + 2 + lost):
            submitted(writer, first, attempt)
        if then is not None:
            writer.append(RunControlled(**ADA, action=then))
        desk_of(store).recover(writer)
    return fold(store.events()).candidates[first]


@pytest.mark.parametrize(("failures", "lost"), [(0, 0), (0, 1), (2, 0), (2, 1)])
def test_a_start_that_was_lost_is_repeated_whatever_failed_before(store, failures, lost):
    candidate = recovered(store, failures=failures, lost=lost)
    assert (candidate.status, candidate.attempt) == (Status.SUBMITTED, failures + lost + 2)
    assert candidate.lost == lost + 1


@pytest.mark.parametrize("failures", [0, 2])
def test_but_not_more_often_than_it_may_be(store, failures):
    candidate = recovered(store, failures=failures, lost=2)
    assert (candidate.status, candidate.failure.kind) == (Status.FAILED, "lost")
    assert candidate.failure.log.startswith("lost 3 times")


@pytest.mark.parametrize(("action", "state"), [("pause", "paused"), ("stop", "stopped")])
def test_nothing_is_started_in_a_campaign_that_does_not_run(store, action, state):
    candidate = recovered(store, then=action)
    assert (
        candidate.failure.log
        == f"lost with its machine, its queue or this server while the campaign was {state}"
    )


def test_the_log_says_whether_a_calculation_is_waited_for(store):
    assert not store.calculates()
    first, second = (c.id for c in fold(store.events()).waiting)
    with writing(store, fold(store.events()), time.time()) as writer:
        for candidate in (first, second):
            writer.append(CandidateApproved(**ADA, candidate=candidate, hold_s=0.0))
            submitted(writer, candidate)
        fails_and_is_retried(writer, first, 1)
    assert store.calculates()
    with writing(store, fold(store.events()), time.time()) as writer:
        for candidate, attempt in ((first, 2), (second, 1)):
            told = {"failure": "crashed", "log": "", "seconds": 1.0, "cores": 1}
            writer.append(ReferenceFailed(candidate=candidate, attempt=attempt, **told))
    assert not store.calculates()


@pytest.mark.parametrize("begun", [False, True])
def test_what_a_queue_takes_and_says_it_has_not_never_starts_unless_it_has(store, monkeypatch, begun):
    def deaf(folder, settings):
        if begun:
            (folder / "result.json").write_text('{"failure": "not-converged", "words": "it had begun"}')
        raise psij.SubmitException("Socket timed out on send/recv operation")

    monkeypatch.setattr(jobs, "submit", deaf)
    desk, first = desk_of(store), fold(store.events()).waiting[0].id
    with writing(store, fold(store.events()), time.time()) as writer:
        writer.append(CandidateApproved(**ADA, candidate=first, hold_s=0.0))
        desk.owe(writer, first, 1)
    desk.start(store)
    with writing(store, fold(store.events()), time.time()) as writer:
        desk.collect(store, writer)
    failure = fold(store.events()).candidates[first].failure
    assert failure.kind == ("not-converged" if begun else "setup")
    assert (store.folder / "references" / f"{first}-1" / ABANDONED).exists() is not begun


def outlives(store, told):
    """A calculation is killed while a child of it goes on: it has ended, and the child is ended too."""
    first = fold(store.events()).waiting[0].id
    folder = store.folder.resolve() / "references" / f"{first}-1"
    write_input(folder, JobInput.of(first, 1, store.structures([first])[0], told))
    handle = jobs.submit(folder, told)
    job = wait_for(lambda: read_start(folder))
    (child,) = wait_for(lambda: psutil.Process(job.pid).children())
    os.kill(job.pid, signal.SIGKILL)
    wait_for(lambda: jobs.poll(handle) is jobs.Poll.DIED)
    assert child.is_running()
    assert jobs.collect(handle).failure == "memory"
    wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_what_a_killed_calculation_forked_hides_nobodys_end(store, monkeypatch):
    """A forked child inherits all that is open, and lives on."""
    monkeypatch.setenv("PYTHONPATH", f"{toy.REPOSITORY}")
    monkeypatch.setenv("DELTADESK_WITNESS", str(store.folder / "witness.txt"))
    forks = {"calculator": "tests.support.witness_emt:WitnessEMT", "settings": {"failure": "fork"}}
    outlives(store, ReferenceSettings(name="ase", **forks))


def test_a_program_ends_whose_calculation_was_killed(store):
    """The memory's end, or `killall python`: the child has another name, and lives on."""
    program = f"{sys.executable} -c 'import time; time.sleep(600)' {{structure}} {{result}}"
    outlives(store, ReferenceSettings(name="command", command=program))
