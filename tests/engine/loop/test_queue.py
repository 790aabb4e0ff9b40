"""A batch scheduler is believed as far as it can be: the folder wins, and silence is no end."""

import re
import time

import psij
import pytest
from ase import Atoms
from psij.executors.batch.slurm import SlurmExecutorConfig

from engine import config
from engine.config import ReferenceSettings
from engine.core import CandidateApproved, fold
from engine.loop import jobs
from engine.loop.reference_desk import ReferenceDesk
from engine.loop.writer import writing
from engine.references.folder import ABANDONED, JobInput, write_input
from engine.store import Store
from tests.support import large, toy, toy_queue
from tests.support.waiting import wait_for

TOLD = ReferenceSettings(
    name="ase", calculator="ase.calculators.emt:EMT", executor="slurm", time_limit=7200.0, memory_limit=6.0
)
SOON = 0.1  # s


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """A queue that holds its jobs, and PSI/J that looks at it ten times a second."""
    place = toy_queue.install(tmp_path / "queue")
    monkeypatch.setenv("PATH", str(place), prepend=":")
    (place / "held").touch()
    config = SlurmExecutorConfig(
        queue_polling_interval=SOON, initial_queue_polling_delay=SOON, work_directory=tmp_path / "psij"
    )
    executor = psij.JobExecutor.get_instance("slurm", config=config)
    monkeypatch.setattr(jobs, "_executor", lambda _: executor)
    yield place
    toy_queue.forget(place)


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "c-000001-1", TOLD)


def write(folder, told):
    copper = Atoms("Cu2", [[0, 0, 0], [0, 0, 2.4]])
    write_input(folder, JobInput.of("c-000001", 1, copper, told))
    return folder


def test_a_job_has_the_time_and_the_memory_that_its_calculation_may_take(queue, folder):
    jobs.submit(folder, TOLD)
    (script,) = (queue / "jobs").glob("*.script")
    asked = asked_of(queue)
    assert asked["time"] == "2:2:0"
    assert asked["mem"] == f"{int(6e9) // 1024}K"
    assert f"export {jobs.MARK}={folder}" in script.read_text().replace('"', "")


def asked_of(queue):
    (script,) = (queue / "jobs").glob("*.script")
    return dict(re.findall(r"#SBATCH --([\w-]+)=\"?([^\"\n]+)", script.read_text()))


def test_a_job_goes_into_the_partition_and_on_the_account_that_were_named(queue, folder):
    jobs.submit(folder, TOLD.model_copy(update={"partition": "short,long", "account": "a1", "cores": 4}))
    asked = asked_of(queue)
    assert (asked["partition"], asked["account"], asked["cpus-per-task"]) == ("short,long", "a1", "4")


def test_a_job_leaves_them_to_the_queue(queue, folder):
    jobs.submit(folder, TOLD)
    assert not {"partition", "account"} & set(asked_of(queue))


def test_a_queue_that_does_not_answer_ends_nothing(queue, folder):
    handle = jobs.submit(folder, TOLD)
    first = handle.job
    (queue / "silent").touch()
    wait_for(lambda: first.status.final)  # PSI/J gives it up
    assert jobs.poll(handle) is jobs.Poll.RUNNING
    (queue / "silent").unlink()
    toy_queue.begin(queue)
    wait_for(lambda: jobs.poll(handle) is jobs.Poll.FINISHED)
    assert jobs.collect(handle).failure == ""


def test_a_job_that_never_began_and_that_the_queue_has_forgotten_was_lost(queue, folder):
    handle = jobs.submit(folder, TOLD)
    toy_queue.forget(queue)
    wait_for(lambda: jobs.poll(handle) is jobs.Poll.DIED)
    assert jobs.is_lost(handle)


def test_so_was_one_of_an_earlier_process_that_vanished_while_it_ran(queue, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(toy.REPOSITORY))
    monkeypatch.setenv("DELTADESK_WITNESS", str(tmp_path / "witness.txt"))
    slow = {"calculator": "tests.support.witness_emt:WitnessEMT", "settings": {"seconds": 600.0}}
    write(folder, TOLD.model_copy(update=slow))
    jobs.submit(folder, TOLD)
    toy_queue.begin(queue)
    wait_for(lambda: toy.witnessed(tmp_path)[0])
    handle = jobs.adopt(folder)
    assert jobs.poll(handle) is jobs.Poll.RUNNING
    toy_queue.forget(queue)
    wait_for(lambda: jobs.poll(handle) is jobs.Poll.DIED)
    assert jobs.is_lost(handle)


@pytest.mark.parametrize("ends", ["with a result", "with its machine"])
def test_after_a_restart_a_result_is_taken_and_what_was_lost_is_started_again(queue, tmp_path, ends):
    folder = large.make(tmp_path / "campaign", 2)
    told = TOLD.model_copy(update={"calculator": "ase.calculators.lj:LennardJones"})
    settings = config.load(folder).model_copy(update={"reference": told})
    store, before = Store(folder), ReferenceDesk(folder, settings)
    first = fold(store.events()).waiting[0].id
    with writing(store, fold(store.events()), time.time()) as writer:
        writer.append(CandidateApproved(by="ada", auth="local", candidate=first, hold_s=0.0))
        before.owe(writer, first, 1)
    before.start(store)
    after = ReferenceDesk(folder, settings)
    with writing(store, fold(store.events()), time.time()) as writer:
        after.recover(writer)
    if ends == "with a result":
        toy_queue.begin(queue)
    else:
        toy_queue.forget(queue)

    def collected():
        with writing(store, fold(store.events()), time.time()) as writer:
            after.collect(store, writer)
        return [i.event for i in store.events(after=seq)]

    seq = fold(store.events()).seq
    (event,) = wait_for(collected)
    store.close()
    if ends == "with a result":
        assert (event.kind, event.attempt) == ("ReferenceCompleted", 1)
    else:
        assert (event.kind, event.attempt) == ("ReferenceSubmitted", 2)


def test_a_job_that_ends_badly_has_failed_and_was_not_lost(queue, folder):
    (folder / "input.json").write_text("not json")
    handle = jobs.submit(folder, TOLD)
    toy_queue.begin(queue)
    wait_for(lambda: jobs.poll(handle) is jobs.Poll.DIED)
    assert not jobs.is_lost(handle)
    assert (jobs.collect(handle).failure, "exit code 1" in jobs.collect(handle).words) == ("crashed", True)


def test_so_has_one_that_the_queue_itself_ended_and_still_knows(queue, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(toy.REPOSITORY))
    monkeypatch.setenv("DELTADESK_WITNESS", str(tmp_path / "witness.txt"))
    slow = {"calculator": "tests.support.witness_emt:WitnessEMT", "settings": {"seconds": 600.0}}
    write(folder, TOLD.model_copy(update=slow))
    handle = jobs.submit(folder, TOLD)
    toy_queue.begin(queue)
    wait_for(lambda: toy.witnessed(tmp_path)[0])
    toy_queue.kill(queue)
    wait_for(lambda: jobs.poll(handle) is jobs.Poll.DIED)
    assert not jobs.is_lost(handle)
    found = jobs.collect(handle)
    assert found.failure == "crashed"
    assert "its queue says: The job exhausted its time limit" in found.words


def test_a_queue_is_not_told_ten_times_a_second_that_a_job_is_to_end(queue, folder):
    handle = jobs.submit(folder, TOLD)
    for _ in range(5):
        jobs.cancel(handle)
    assert (queue / "cancelled").read_text().splitlines() == [handle.job.native_id]
    assert (folder / ABANDONED).exists()
    wait_for(lambda: jobs.poll(handle) is jobs.Poll.DIED)
