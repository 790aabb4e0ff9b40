import os

import pytest
from loky.process_executor import BrokenProcessPool

from engine.loop import Explorers


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


def test_a_pool_that_a_crash_broke_is_made_anew(explorers):
    with pytest.raises(BrokenProcessPool):
        explorers.submit(os._exit, 1).result(timeout=60)
    assert explorers.submit(abs, -3).result(timeout=60) == 3


def test_closing_ends_the_workers(explorers):
    pid = explorers.submit(os.getpid).result(timeout=60)
    explorers.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
