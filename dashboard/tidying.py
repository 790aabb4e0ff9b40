"""What pages and sessions leave behind is freed soon, not when Python happens to look.

The objects of a page refer to one another in circles, so only Python's collector frees them. It looks at all
objects once they have become a quarter more, and most are imported modules: by then several pages have
gathered. What is freed then does not go back to the system by itself either: glibc keeps it between what is
still in use, and the process would stay as large as it was when most pages were open at once. So would it
after each thread's own largest moment, and after each large block that once lay among small ones. A page that
lost its connection loads itself anew, so its session is let go at the next look: Bokeh would keep it for
half a minute, in case that somebody comes back to it. A page that is loaded again is built once the one
before is gone, so that there are never more of them at once than people. And what people left who turn pages
in the same second is freed before the next page is built.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
import time
from collections.abc import Callable
from contextvars import Context
from functools import partial
from importlib import import_module
from math import inf
from typing import Any
from weakref import WeakSet

import numpy as np
from bokeh.document import Document
from tornado.ioloop import IOLoop, PeriodicCallback

EVERY_MS = 60_000
LOOK_MS = 250
SOON = 1.0  # s after a session has ended or a page was taken away, when Bokeh has let go of it as well
SHARE = 0.1  # of the time may go into this: a pause among many sessions is long, so the next comes late
PER_PAGE = 40  # sessions squared, for each page that may wait to be freed when another one is built
_due: object = None  # the timer of the next collection
_tasks: set[asyncio.Task[None]] = set()  # the event loop itself keeps none
_pause = 0.0  # s that the last one took
_waiting = 0  # pages and sessions that were let go since then
_glibc = ctypes.CDLL(None) if sys.platform == "linux" else None
_trim = getattr(_glibc, "malloc_trim", None)
_mallopt = getattr(_glibc, "mallopt", None)
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # as in glibc's malloc.h
LARGE = 1 << 16  # bytes of a block that lies by itself, and goes back as soon as it is freed
POOLED, KEPT = 1024, 7  # numpy's own pool: blocks below so many bytes, so many of each size (numpy 2.x)
_in_use: WeakSet[Any] = WeakSet()  # sessions that had a connection at some look


def start(server_context: Any) -> None:
    """Import what every page needs, leave that out of all collections, and tidy from now on.

    Called in the server's event loop, with Bokeh's context of the server.
    """
    share_one_heap()
    fill_the_pool_of_numpy()
    import_module("dashboard.layout")
    gc.collect()
    gc.freeze()
    one_look_at_a_time(server_context.application_context)
    PeriodicCallback(tidy, EVERY_MS).start()
    PeriodicCallback(partial(let_go, server_context), LOOK_MS).start()


def share_one_heap() -> None:
    """Have glibc keep one heap for all threads that start from now on, and large blocks outside of it."""
    if _mallopt is not None:
        _mallopt(M_ARENA_MAX, 1)
        _mallopt(M_MMAP_THRESHOLD, LARGE)


def fill_the_pool_of_numpy() -> None:
    """Take at once the 4 MB that numpy keeps sooner or later.

    It never gives back the last small blocks of each size. Columns of a campaign pass through every size as
    they grow by a row, so its pool would fill for as long as the first thousand structures are found, a block
    here and a block there between those of pages.
    """
    [np.empty(size, np.uint8) for size in range(1, POOLED) for _ in range(KEPT)]


def one_look_at_a_time(application_context: Any) -> None:
    """Let Bokeh's look at sessions and ours follow one another: of two that end one session, one fails."""
    look, turn = application_context._cleanup_sessions, asyncio.Lock()

    async def in_turn(linger_ms: float) -> None:
        async with turn:
            await look(linger_ms)

    application_context._cleanup_sessions = in_turn


async def let_go(server_context: Any) -> None:
    """End the sessions whose page is gone: how many there are at once sets how large the process becomes."""
    left = [session for session in server_context.sessions if _is_left(session)]
    for session in left:
        session.request_expiration()
    if left:  # Bokeh itself looks every 17 s, and `panel serve dashboard` cannot say otherwise
        await server_context.application_context._cleanup_sessions(inf)


def _is_left(session: Any) -> bool:
    if session.connection_count:
        _in_use.add(session)
        return False
    return session in _in_use


def session_ended(_session_context: object) -> None:
    """Free what it leaves."""
    soon()


def once_there_is_room(document: Document, build: Callable[[], object]) -> None:
    """Build a page after what others left is freed; called in the event loop.

    By a task of its own, which holds no page's lock: a look at sessions may wait for that lock.
    """
    room = _make_room(document, document.session_context, build)
    task = asyncio.get_running_loop().create_task(room, context=Context())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _make_room(document: Document, page: Any, build: Callable[[], object]) -> None:
    try:
        await let_go(page.server_context)
        if _due is not None:
            IOLoop.current().remove_timeout(_due)
            tidy()
    finally:
        if not page.destroyed:  # it may have gone meanwhile
            document.add_next_tick_callback(build)


def soon() -> None:
    """Tidy once what has just been let go of is gone."""
    global _due, _waiting  # noqa: PLW0603 - the one collection that is to come
    _waiting += 1
    if _due is None:
        # not in the context of the session that asks: it would keep that one's document until then
        _due = Context().run(IOLoop.current().call_later, max(SOON, _pause / SHARE), tidy)


def make_room() -> None:
    """Free what was left before another page is built; among many sessions, only if that is much.

    Both the pause and the turns in a second grow with the sessions, so what may wait grows with their square:
    of the time this takes the same share. The collection that is to come stays due: what was left last may
    still be held.
    """
    if _waiting >= max(1.0, len(_in_use) ** 2 / PER_PAGE):
        _collect()


def tidy() -> None:
    """Free what nothing holds any more, and give it back."""
    global _due  # noqa: PLW0603
    _due = None
    _collect()


def _collect() -> None:
    """The pause is that of the sessions' own objects."""
    global _pause, _waiting  # noqa: PLW0603
    _waiting = 0
    started = time.perf_counter()
    gc.collect()
    if _trim is not None:
        _trim(ctypes.c_size_t(0))
    _pause = time.perf_counter() - started
