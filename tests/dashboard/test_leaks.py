"""What a long life leaves behind in the serving process: nothing, counted from inside a real server."""

import asyncio
import json
import time
from collections import Counter

import pytest

from dashboard.leftovers import LATE
from tests.support import large
from tests.support.desk_client import PATIENCE, DeskClient, fetch
from tests.support.serving import APP, panel_serve
from tests.support.walk import KEYS, go

QUICK = ("--unused-session-lifetime", "300", "--check-unused-sessions", "300")  # ms
LASTING = ("bokeh.models", "panel", "param", "dashboard", "engine", "builtins.function")
"""Classes of what a page is made of; messages on their way and Python's caches come and go."""
AMONG_MANY = 300.0  # s: nobody may be forgotten; how long it takes is for the measures to say
NOTHING = (0, 0, 0)
FEW = 12  # objects of one class: a tick may be at work in one of the two moments


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    root = tmp_path_factory.mktemp("leaks")
    large.make(root / "home" / "camp", 8, n_found=40, n_labelled=12, budget=100, paused=True)
    env = {"DELTADESK_HOME": str(root / "home")}
    started = panel_serve(root / "log.txt", APP, *QUICK, "--plugins", "tests.support.inside", env=env)
    yield started
    started.stop()


async def inside(server):
    return json.loads((await fetch(server.url.replace("/dashboard", "/inside"))).body)


async def without_sessions(server):
    """What is inside once the last session is gone, or after a minute in which it was not."""
    until = time.monotonic() + 60
    while held(found := await inside(server)) != NOTHING and time.monotonic() < until:
        await asyncio.sleep(0.3)
    return found


def held(found):
    """Documents but one, which may be Bokeh's own, their models, and what they remember."""
    return max(0, found["documents"] - 1), found["models"], found["remembered"]


async def opened(server, patience=PATIENCE):
    tab = await DeskClient.open(server.url, campaign="camp", page="review")
    await tab.until(lambda: "TabText" in tab.models, "the desk", patience)
    return tab


async def with_workers(server):
    """The worker of New campaign's preview is there, which stays for the server's life."""
    async with asyncio.timeout(60):
        while "ExecutorManagerThread" not in (await inside(server))["threads"]:
            await asyncio.sleep(0.3)


async def round_trip(tab):
    for page in KEYS:
        await go(tab, page)


def grown(before, after):
    more = Counter(after["alive"])
    more.subtract(before["alive"])
    return {name: n for name, n in more.items() if n > FEW and name.startswith(LASTING)}


def test_the_server_has_done_all_that_it_does_at_its_start(server):
    assert "Error in server loaded hook" not in server.log.read_text()


def test_pages_that_are_left_leave_nothing(server):
    assert list(KEYS)[-1] == "new"
    assert len(KEYS) >= LATE  # a round is long enough to forget the one before

    async def walk():
        tab = await opened(server)
        await round_trip(tab)  # its last page is New campaign
        await with_workers(server)
        await round_trip(tab)
        before = await inside(server)
        for _ in range(2):
            await round_trip(tab)
        after = await inside(server)
        await tab.close()
        return before, after

    before, after = asyncio.run(walk())
    assert after["models"] == before["models"]
    assert abs(after["remembered"] - before["remembered"]) <= FEW
    assert after["threads"] == before["threads"]
    assert grown(before, after) == {}


def test_twenty_sessions_at_once_leave_nothing(server):
    async def visit():
        tab = await opened(server, AMONG_MANY)
        await go(tab, "live", AMONG_MANY)
        await tab.close()

    async def rush():
        await asyncio.gather(*(visit() for _ in range(20)))
        return await without_sessions(server)

    async def day():
        await visit()  # Panel keeps the first session that a server ever had, where many came at once
        await without_sessions(server)
        return await rush(), await rush()

    before, after = asyncio.run(day())
    assert held(before) == held(after) == NOTHING
    assert after["threads"] == before["threads"]
    assert after["descriptors"] <= before["descriptors"]  # files, sockets, watchers
    assert grown(before, after) == {}
