"""What twenty sessions leave in the serving process when they are gone."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from tests.browser.readiness import HOOKS
from tests.measures.desk import Row, serving
from tests.support import large

GONE_S = 40.0
"""Bokeh forgets a session that nobody looks at after 15 s, at a look every 17 s."""


def sessions(browser, root: Path, count: int = 20) -> dict[str, Row]:
    """Memory and threads after two times `count` sessions; the first round fills caches and pools."""
    large.make(root / "sessions" / "few", 3, n_found=20, n_labelled=20, budget=30, paused=True)
    with serving(root / "sessions") as (url, process, _):
        server = psutil.Process(process.pid)
        seen = []
        for _round in range(2):
            _visit(browser, url, count)
            seen.append(_settled(server))
    (before, threads_before), (after, threads_after) = seen
    return {
        f"{count} sessions opened and closed": Row(after - before, "MB", 5),
        f"{count} sessions: threads": Row(threads_after - threads_before, most=0),
    }


def _visit(browser, url: str, count: int) -> None:
    for _ in range(count):
        page = browser.new_page()
        page.goto(f"{url}?campaign=few&page=review")
        page.wait_for_selector(HOOKS["review"], state="attached")
        page.close()


def _settled(server: psutil.Process) -> tuple[float, int]:
    """MB and threads once the sessions are forgotten: the least that is seen until then."""
    end = time.monotonic() + GONE_S
    lowest = float("inf")
    while time.monotonic() < end:
        lowest = min(lowest, server.memory_info().rss / 1e6)
        time.sleep(0.5)
    return lowest, server.num_threads()
