"""What is left is let go soon, and what is freed goes back to the system."""

import asyncio
import gc
import os
import subprocess
import sys
from math import inf
from weakref import finalize

import psutil
import pytest
from bokeh.application import Application
from bokeh.core.types import ID
from bokeh.server.contexts import ApplicationContext
from tornado.ioloop import IOLoop

from dashboard import tidying
from tests.support.desk_client import DeskClient
from tests.support.serving import APP, panel_serve

PATIENCE = 10.0  # s
LARGE = 20_000  # blocks of 4 kB: 80 MB


@pytest.mark.skipif(tidying._trim is None, reason="only glibc keeps what is freed")
def test_what_is_freed_between_what_is_in_use_goes_back():
    process = psutil.Process()
    blocks = [bytes(4000) for _ in range(LARGE)]
    still_in_use = blocks[::50]
    blocks.clear()
    before = process.memory_info().rss
    tidying.tidy()
    assert process.memory_info().rss < before - 50e6
    assert len(still_in_use) == LARGE / 50


HEAPS = """
import ctypes, sys, threading
from dashboard import tidying
if sys.argv[1] == "shared":
    tidying.share_one_heap()
together = threading.Barrier(4)
def work():
    together.wait()
    blocks = [bytes(4000) for _ in range(100)]
    together.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
ctypes.CDLL(None).malloc_stats()
"""


def heaps(how):
    """How many heaps glibc has kept for four threads and the first."""
    done = subprocess.run([sys.executable, "-c", HEAPS, how], capture_output=True, text=True, check=True)
    return done.stderr.count("Arena ")


@pytest.mark.skipif(tidying._mallopt is None, reason="only glibc has a heap for each thread")
def test_threads_share_one_heap():
    assert heaps("shared") == 1
    assert heaps("each its own") > 1


POOL = """
import ctypes, sys
import numpy as np
from dashboard import tidying

class Said(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena a b c d e f uordblks g h".split()]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Said
if sys.argv[1] == "filled":
    tidying.fill_the_pool_of_numpy()
before = libc.mallinfo2().uordblks
for rows in range(1, 1000):
    [np.zeros(rows, np.float32) for _ in range(10)]
print(libc.mallinfo2().uordblks - before)
"""


def kept(how):
    """Bytes that numpy keeps of columns that grew by a row, and were let go each time."""
    done = subprocess.run([sys.executable, "-c", POOL, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not hasattr(tidying._glibc, "mallinfo2"), reason="only glibc says what is in use")
def test_the_pool_of_numpy_is_full_from_the_start():
    assert kept("filled") < 200_000  # what glibc itself keeps of each size
    assert kept("as it is") > 500_000


def test_a_session_is_let_go_once_its_page_is_gone_but_not_before_it_came():
    context = ApplicationContext(Application())

    async def is_there():
        await tidying.let_go(context.server_context)
        return bool(context.server_context.sessions)

    async def live():
        session, connection = await context.create_session_if_needed(ID("a")), object()
        assert await is_there()  # its page is still loading
        session.subscribe(connection)
        assert await is_there()
        session.unsubscribe(connection)
        assert not await is_there()
        assert session.destroyed

    asyncio.run(live())


class Page:
    """In a circle with itself, as the objects of a page are."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def _only_when_asked():
    """Python's own collector looks when it likes, and would free what a test has not asked for."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_only_when_asked")
@pytest.mark.parametrize(("sessions", "may_wait"), [(1, 1), (6, 1), (7, 2), (20, 10)])
def test_what_was_left_is_freed_before_the_next_page_is_built(monkeypatch, sessions, may_wait):
    freed = []
    monkeypatch.setattr(tidying, "_in_use", range(sessions))

    async def live():
        tidying.tidy()
        for turn in range(may_wait):
            tidying.make_room()
            assert freed == []
            finalize(Page(), freed.append, turn)
            tidying.soon()
        tidying.make_room()
        assert len(freed) == may_wait
        assert tidying._due is not None, "what was left last may still have been held"
        IOLoop.current().remove_timeout(tidying._due)
        tidying.tidy()

    asyncio.run(live())


def test_a_page_is_built_once_what_others_left_is_freed():
    order = []

    async def live():
        context = ApplicationContext(Application(), io_loop=IOLoop.current())
        left, new = [await context.create_session_if_needed(ID(name)) for name in "ab"]
        connection, built = object(), asyncio.Event()
        left.subscribe(connection)
        await tidying.let_go(context.server_context)
        left.document.on_session_destroyed(tidying.session_ended)

        def build():
            order.append("built")
            built.set()

        page = Page()
        finalize(page, order.append, "freed")
        del page
        left.unsubscribe(connection)
        tidying.once_there_is_room(new.document, build)
        await asyncio.wait_for(built.wait(), PATIENCE)
        assert left.destroyed
        assert tidying._due is None
        new.subscribe(connection)
        await tidying.let_go(context.server_context)
        new.unsubscribe(connection)
        tidying.once_there_is_room(new.document, lambda: order.append("built for nobody"))
        await asyncio.gather(*tidying._tasks)
        assert new.destroyed

    gc.disable()
    try:
        asyncio.run(live())
    finally:
        gc.enable()
    assert order == ["freed", "built"]


def test_a_page_opens_where_panel_leaves_its_callbacks_to_threads(tmp_path):
    environment = {**os.environ, "DELTADESK_HOME": str(tmp_path / "home")}
    server = panel_serve(tmp_path / "log.txt", APP, "--num-threads", "2", env=environment)

    async def visit():
        tab = await DeskClient.open(server.url)
        await tab.until(lambda: "TabText" in tab.models, "the desk")
        await tab.close()

    try:
        asyncio.run(visit())
    finally:
        server.stop()


@pytest.mark.parametrize("in_turn", [True, False])
def test_two_looks_at_once_do_not_both_end_a_session(in_turn):
    """Bokeh's own and ours, while sessions are busy: the last one's work is done first."""
    context = ApplicationContext(Application())
    if in_turn:
        tidying.one_look_at_a_time(context)

    async def live():
        sessions = [await context.create_session_if_needed(ID(name)) for name in "ab"]
        for session in sessions:
            session.request_expiration()
        work = [await session._lock.acquire() for session in sessions]

        async def end_work():
            for lock in reversed(work):
                await asyncio.sleep(0)
                with lock:
                    await asyncio.sleep(0)

        looks = (context._cleanup_sessions(inf) for _ in range(2))
        return await asyncio.gather(*looks, end_work(), return_exceptions=True)

    failed = [error for error in asyncio.run(live()) if error is not None]
    assert [type(error) for error in failed] == ([] if in_turn else [KeyError])
    assert not context._sessions
