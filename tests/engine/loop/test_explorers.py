import os

import psutil
import pytest
from loky import ProcessPoolExecutor
from loky.process_executor import BrokenProcessPool

from engine.config import CampaignSettings
from engine.loop import Explorers, task_desk
from engine.loop.task_desk import TaskDesk
from tests.support.waiting import wait_for


@pytest.fixture
def explorers():
    explorers = Explorers(1)
    yield explorers
    explorers.close()


def test_workers_are_single_threaded_nice_and_do_not_know_the_screen(explorers):
    assert explorers.submit(os.nice, 0).result(timeout=60) == 10
    assert explorers.submit(os.getenv, "OMP_NUM_THREADS").result(timeout=60) == "1"
    modules = explorers.submit(eval, "list(__import__('sys').modules)").result(timeout=60)
    assert not {"panel", "bokeh", "torch"} & set(modules)


def test_where_the_system_does_not_tell_which_cores_are_ours_all_count(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")  # as on macOS
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert 1 <= Explorers().count <= 5  # a container may be allowed fewer


def test_a_pool_that_a_crash_broke_is_made_anew(explorers):
    with pytest.raises(BrokenProcessPool):
        explorers.submit(os._exit, 1).result(timeout=60)
    assert explorers.submit(abs, -3).result(timeout=60) == 3


def test_a_task_alone_is_not_broken_by_another_and_its_worker_goes_with_it(explorers):
    alone = explorers.submit_alone(eval, "(__import__('time').sleep(1), __import__('os').getpid())[1]")
    with pytest.raises(BrokenProcessPool):
        explorers.submit(os._exit, 1).result(timeout=60)
    pid = alone.result(timeout=60)
    wait_for(lambda: not psutil.pid_exists(pid))
    assert not explorers._alone


def test_a_worker_that_is_alone_is_ended_once_whoever_comes_first(explorers, monkeypatch):
    ended = []
    explorers.submit_alone(eval, "__import__('time').sleep(60)")
    (pool,) = explorers._alone
    shutdown = pool.shutdown
    monkeypatch.setattr(pool, "shutdown", lambda **how: ended.append(how) or shutdown(**how))
    explorers.close()
    explorers._end(pool)  # its future has ended too
    assert ended == [{"wait": True, "kill_workers": True}]


def test_a_worker_that_cannot_begin_leaves_nothing(explorers, monkeypatch):
    monkeypatch.setattr(ProcessPoolExecutor, "submit", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        explorers.submit_alone(abs, -3)
    assert not explorers._alone


def test_closing_ends_a_worker_that_is_alone_too(explorers):
    explorers.submit_alone(eval, "__import__('time').sleep(60)")
    (pool,) = explorers._alone
    wait_for(lambda: pool._processes)
    (pid,) = pool._processes
    explorers.close()
    assert not psutil.pid_exists(pid)


def test_who_waits_behind_a_task_that_kills_its_workers_is_not_blamed(tmp_path, monkeypatch, explorers):
    monkeypatch.setattr(task_desk, "perform", lambda said: os._exit(1) if said == "fatal" else said)
    taken = []
    monkeypatch.setattr(task_desk, "take", lambda _writer, _request, result: taken.append(result))
    fatal, behind = (TaskDesk(tmp_path, CampaignSettings(), explorers, lambda: None) for _ in range(2))
    fatal._hand_out("task", "fatal")
    behind._hand_out("task", "harmless")
    blamed = []

    def collected():
        for desk in (fatal, behind):
            try:
                desk.collect(None)
            except BrokenProcessPool:
                blamed.append(desk)
        return taken and blamed

    wait_for(collected)
    assert (taken, blamed) == (["harmless"], [fatal])


def test_closing_ends_the_workers(explorers):
    pid = explorers.submit(os.getpid).result(timeout=60)
    explorers.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
