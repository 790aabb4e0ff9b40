"""A soak: ``python -m tests.soak [--hours 2] [--short]``.

A real ``panel serve dashboard`` with an engine that searches all the time, and five sessions, one in a real
Chromium and four over the wire, that turn pages, decide and reload. Once every five seconds the memory,
threads, files and sockets of the serving process are taken. Exit 1 if memory grew by 1 MB in an hour, if
anything else grew by one, if the server wrote an error or if the engine found nothing, nothing was labelled
or nobody decided. ``--short`` takes four minutes: it shows that all this works, and only a large leak.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import psutil
from playwright.async_api import async_playwright
from rich.console import Console
from rich.table import Table

from engine import config
from engine.core import RunControlled, fold
from engine.loop.opening import opening_events
from engine.loop.writer import writing
from engine.store import Store
from tests.browser.chromium import FLAGS, find_chromium
from tests.soak.trend import Trend, trend
from tests.soak.visitors import NAME, Browser, Wire, live
from tests.support import toy
from tests.support.serving import APP, Server, panel_serve

EVERY = 5.0  # s between two samples
WARM_UP = 0.25  # part of the time that counts for nothing: caches and pools fill
BLOCKS = 30
GOALS = {"memory (MB)": 1.0, "threads": 1.0, "files": 1.0, "sockets": 1.0}
"""Less than this each may grow: memory in an hour, all others in the time that was measured."""
SLOW = {
    'composition = "Cu3Ag2"': 'composition = "Cu130Ag70"',
    "cell = [14.0, 14.0, 14.0]": "cell = [28.0, 28.0, 28.0]",
    "confinement = 8.0": "confinement = 18.0",
    "structures = 4": "structures = 1",
    "walkers = 3": "walkers = 1",
    "steps = 20": "steps = 1500",
    "pool = 12": "pool = 5000",
}
"""A cluster on which the search is busy and finds a structure in some ten seconds: data grow little."""


def campaign(folder: Path) -> None:
    """A toy campaign that runs, that people decide about and that never ends."""
    toy.make(folder, budget=10_000, pace="live", queue=12, policy="person", hold=5.0)
    path = folder / "campaign.toml"
    text = path.read_text()
    for before, after in SLOW.items():
        assert before in text, before
        text = text.replace(before, after)
    path.write_text(text)
    store, before_all = Store.create(folder), fold([])
    with writing(store, before_all, time.time()) as writer:
        for event in opening_events(before_all, config.load(folder)):
            writer.append(event)
        writer.append(RunControlled(action="start", by="local", auth="local"))
    store.close()


def sample(process: psutil.Process) -> dict[str, float]:
    """What the serving process holds now; its workers are not counted."""
    with process.oneshot():
        return {
            "memory (MB)": process.memory_info().rss / 1e6,
            "threads": process.num_threads(),
            "files": process.num_fds(),
            "sockets": len(process.net_connections("all")),
        }


async def soak(
    server: Server, seconds: float, sessions: int, kept: Path | None
) -> tuple[list[dict[str, float]], Counter[str]]:
    """Let people use the server; give the samples with their times, also to the file, and what people did."""
    did: Counter[str] = Counter()
    samples: list[dict[str, float]] = []
    started = time.monotonic()

    def over() -> bool:
        return time.monotonic() - started > seconds

    async def watch() -> None:
        process = psutil.Process(server.process.pid)
        while not over():
            samples.append({"seconds": time.monotonic() - started, **sample(process)})
            if kept:
                with kept.open("a") as file:
                    file.write(f"{json.dumps(samples[-1])}\n")
            await asyncio.sleep(EVERY)

    async with AsyncExitStack() as stack:
        visitors: list[Wire | Browser] = [Wire(server.url) for _ in range(sessions - 1)]
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        stack.push_async_callback(browser.close)
        visitors.append(Browser(server.url, await browser.new_page(viewport={"width": 1360, "height": 860})))
        people = [live(visitor, seed, over, did) for seed, visitor in enumerate(visitors)]
        await asyncio.gather(watch(), *people)
    return samples, did


def found(folder: Path) -> tuple[bool, str]:
    """Whether all that is to be watched came about meanwhile, and what the engine did in words."""
    store = Store(folder)
    kinds = Counter(item.event.kind for item in store.events())
    structures = store.count_proposals()
    store.close()
    labels, decided = kinds["ReferenceCompleted"], kinds["CandidateApproved"] + kinds["CandidateVetoed"]
    words = f"{structures} structures found, {labels} labels, {kinds.total()} events"
    return all((structures, labels, decided)), words


def trends(samples: list[dict[str, float]]) -> tuple[dict[str, Trend], float]:
    """Trend of everything after the warm-up, and the hours it is taken over."""
    seconds = np.array([one["seconds"] for one in samples])
    late = seconds > WARM_UP * seconds[-1]
    blocks = min(BLOCKS, int(late.sum()) // 2)
    hours = float(np.ptp(seconds[late])) / 3600
    rows = {name: np.array([one[name] for one in samples])[late] for name in GOALS}
    return {name: trend(seconds[late], values, blocks) for name, values in rows.items()}, hours


def main() -> int:
    """Soak and print; exit status 0 if nothing grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--short", action="store_true", help="four minutes")
    parser.add_argument("--sessions", type=int, default=5)
    parser.add_argument("--samples", type=Path, help="write every sample into this file, a line of JSON each")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        campaign(home / NAME)
        env = toy.environment(home / NAME, DELTADESK_HOME=str(home))
        server = panel_serve(Path(place) / "log.txt", APP, env=env)
        try:
            seconds = 240 if given.short else 3600 * given.hours
            samples, did = asyncio.run(soak(server, seconds, given.sessions, given.samples))
        finally:
            server.stop()
        (busy, engine), log = found(home / NAME), server.log.read_text()
    return report(samples, f"{dict(did)}; {engine}", log, idle=not busy)


def report(samples: list[dict[str, float]], words: str, log: str, *, idle: bool) -> int:
    """Print what grew, and say whether anything did."""
    rows, hours = trends(samples)
    table = Table("serving process", "first", "last", "slope per hour (95 % band)", "", title=words)
    bad = []
    for name, row in rows.items():
        grew = row.grew(1.0 if "memory" in name else hours, GOALS[name])
        bad += [name] * grew
        band = f"{row.slope:+.2f} ({row.low:+.2f} … {row.high:+.2f})"
        table.add_row(name, f"{row.first:.1f}", f"{row.last:.1f}", band, "grew" if grew else "")
    Console().print(table)
    wrong = [log.find(words) for words in ("Traceback", "Error in") if words in log]
    if wrong:
        print(log[max(0, min(wrong) - 500) : min(wrong) + 4000])
        bad.append("errors")
    if idle:
        print("nothing found, labelled or decided: this says nothing of a busy server")
        bad.append("no work")
    print(f"{hours:.2f} h after the warm-up, {len(samples)} samples; {', '.join(bad) or 'nothing'} grew")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
