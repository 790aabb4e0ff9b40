"""What the desk takes, in a real browser, the engine at full load: ``python -m tests.measures [--short]``.

The first rows of the table of measures: medians and 95th percentiles. ``--short`` takes 10 repeats, not 50.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from tests.browser.chromium import FLAGS, find_chromium, free_port
from tests.support import large
from tests.support.toy import REPOSITORY

PERSON = 500  # ms that a person looks before the next key
DEEP = """() => {
window.deep = (selector, root = document) => {
  const hit = root.querySelector(selector)
  if (hit) return hit
  for (const element of root.querySelectorAll("*")) {
    const inside = element.shadowRoot && window.deep(selector, element.shadowRoot)
    if (inside) return inside
  }
  return null
}
window.keyTime = 0
addEventListener("keydown", () => {
  window.keyTime = performance.now(); window.keyDate = Date.now() / 1000 }, true)
window.sinceKey = (holder, selector) => new Promise((done) => {
  const root = window.deep(holder)
  const finish = () => done([performance.now() - window.keyTime, window.keyDate])
  const watch = new MutationObserver(() => {
    if (root.matches(selector) || root.querySelector(selector)) { watch.disconnect(); finish() }
  })
  watch.observe(root, {childList: true, subtree: true, attributes: true})
  if (root.matches(selector) || root.querySelector(selector)) { watch.disconnect(); finish() }
})}"""
"""Look through shadow roots, and time from a key to what it changed without polling the page."""


UPDATE_MAP = """async (repeats) => {
  const figure = Bokeh.documents.map((d) => d.get_model_by_name("landscape-map")).find((found) => found)
  const source = figure.renderers[0].data_source
  const column = (key) => source.data.get ? source.data.get(key) : source.data[key]
  const keys = ["number", "x", "y", "energy", "base", "corrected", "std", "state", "search"]
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
  const times = []
  for (let k = 0; k < repeats; k++) {
    const next = (key) => [key, Array.from(column(key).slice(10 * k, 10 * k + 10))]
    const added = Object.fromEntries(keys.map(next))
    const started = performance.now()
    source.stream(added)
    await frame()
    await frame()
    times.push(performance.now() - started)
  }
  return times
}"""
"""Ten more points in all three figures, from their coming to the end of the frame that shows them."""


@contextmanager
def serving(home: Path):
    """A real `panel serve dashboard`; gives its address, process and the seconds to its first answer."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "panel",
        "serve",
        "dashboard",
        "--address",
        "localhost",
        "--port",
        str(port),
    ]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "DELTADESK_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://localhost:{port}/dashboard"
    try:
        while True:
            with suppress(OSError):
                urllib.request.urlopen(url, timeout=30).close()
                break
            time.sleep(0.02)
        yield url, process, started
    finally:
        process.terminate()
        process.wait(timeout=15)


def durable(path: Path, candidate: str, seen: dict[str, float], stop: threading.Event) -> None:
    """Note the time at which another process first sees the approval in the log."""
    with sqlite3.connect(path) as connection:
        sql = "SELECT 1 FROM events WHERE kind = 'CandidateApproved' AND body LIKE ? LIMIT 1"
        while not stop.is_set():
            if connection.execute(sql, (f'%"{candidate}"%',)).fetchone():
                seen[candidate] = time.time()
                return
            time.sleep(0.002)


def decisions(page, folder: Path, repeats: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds from a key to the outbox, to the log, and to the next candidate's picture."""
    outbox, log, drawn = [], [], []
    page.evaluate(DEEP)
    for _ in range(repeats):
        ids = page.locator(".dd-card").evaluate_all("cards => cards.map(card => card.dataset.id)")
        chosen = page.locator('.dd-queue [aria-selected="true"]').get_attribute("data-id")
        seen: dict[str, float] = {}
        stop = threading.Event()
        witness = threading.Thread(target=durable, args=(folder / "campaign.db", chosen, seen, stop))
        witness.start()
        milliseconds, pressed = since_key(page, "a", ".dd-outbox", f'[data-id="{chosen}"]')
        outbox.append(milliseconds)
        witness.join(timeout=10)
        stop.set()
        log.append(1000 * (seen[chosen] - pressed))
        following = page.locator('.dd-queue [aria-selected="true"]').get_attribute("data-id")
        assert following in ids
        page.wait_for_selector(f'.dd-viewer[data-drawn="{following}"]')
        page.wait_for_timeout(PERSON)
        third = ids[(ids.index(following) + 1) % len(ids)]
        drawn.append(since_key(page, "j", ".dd-viewer", f'[data-drawn="{third}"]')[0])
        page.wait_for_timeout(PERSON)
    return outbox, log, drawn


def since_key(page, key: str, holder: str, selector: str) -> tuple[float, float]:
    """Milliseconds from a key to an element's coming, and the time of the key (s since 1970)."""
    # the watch is set before the key is pressed: nothing polls the page
    page.evaluate(
        "([h, s]) => { window.keyTime = Infinity; window.waiting = window.sinceKey(h, s) }",
        [holder, selector],
    )
    page.keyboard.press(key)
    milliseconds, pressed = page.evaluate("() => window.waiting")
    return milliseconds, pressed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    repeats = 10 if parser.parse_args().short else 50
    table = Table("measure", "median", "p95", "goal", title="the desk, engine at full load")
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        stack.callback(browser.close)
        rows = {
            **first_minute(browser, root),
            **at_work(browser, root, repeats),
            **landscape(browser, root, repeats),
        }
        for name, row in rows.items():
            table.add_row(name, *row)
    Console().print(table)


def first_minute(browser, root: Path) -> dict[str, tuple[str, str, str]]:
    """From the command to the page, and from "Start the demo" to the first candidate."""
    with serving(root / "demo") as (url, _, started):
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector(".dd-start-demo")
        painted = time.monotonic() - started
        begun = time.monotonic()
        page.locator(".dd-start-demo button").click()
        page.get_by_role("button", name="Review").click()
        page.wait_for_selector(".dd-card", timeout=120_000)
        reviewable = time.monotonic() - begun
        page.close()
    return {
        "panel serve → first paint": (f"{painted:.1f} s", "–", "< 4 s"),
        "Start → first reviewable candidate": (f"{reviewable:.1f} s", "–", "< 30 s"),
    }


def at_work(browser, root: Path, repeats: int) -> dict[str, tuple[str, str, str]]:
    """Decisions about 200-atom candidates while the search runs in CHGNet."""
    folder = root / "work" / "busy"
    large.make(folder, n_waiting=2 * repeats + 20, n_atoms=200, budget=1000)
    # the hold never ends and the pool is never full: the explorer works all the time
    large.settings_with(folder, {"hold = 10.0": "hold = 1e6", "probe = 10": "pool = 100000\nprobe = 10"})
    with serving(root / "work") as (url, process, _):
        page = browser.new_page()
        page.goto(f"{url}?campaign=busy&page=review")
        page.wait_for_selector(".dd-card")
        wait_for_load(process)
        outbox, log, drawn = decisions(page, folder, repeats)
        server = psutil.Process(process.pid).memory_info().rss / 1e6
        page.close()
    return {
        "key → the card is in this session's outbox": spread(outbox, "p95 < 100 ms"),
        "key → CandidateApproved durable in the log": spread(log, "p95 < 400 ms"),
        "next candidate drawn, 200 atoms": spread(drawn, "< 300 ms"),
        "serving process, resident": (f"{server:.0f} MB", "–", "< 400 MB"),
    }


def landscape(browser, root: Path, repeats: int) -> dict[str, tuple[str, str, str]]:
    """The map of 10^4 structures: opened, and with ten more."""
    large.make(root / "map" / "map", 100, n_found=9800, n_labelled=100, budget=1000, paused=True)
    with serving(root / "map") as (url, process, _):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{url}?campaign=map&page=live")
        page.wait_for_selector(".dd-log")
        page.keyboard.press("g")
        pressed = time.monotonic()
        page.keyboard.press("s")
        page.wait_for_selector(".dd-landscape")
        opened = 1000 * (time.monotonic() - pressed)
        page.get_by_text("10,000 drawn of 10,000").wait_for()
        page.wait_for_load_state("networkidle")
        times = page.evaluate(UPDATE_MAP, repeats)
        memory = psutil.Process(process.pid).memory_info().rss / 1e6
        page.close()
    return {
        "map of 10^4 structures: one update": spread(times, "< 150 ms"),
        "map of 10^4 structures: page opened": (f"{opened:.0f} ms", "–", "< 300 ms"),
        "map of 10^4 structures: serving process": (f"{memory:.0f} MB", "–", "< 400 MB"),
    }


def wait_for_load(process: subprocess.Popen[bytes]) -> None:
    """Wait until an explorer has been busy for a second of its own."""
    while True:
        explorers = [
            p for p in psutil.Process(process.pid).children(recursive=True) if "loky" in str(p.cmdline())
        ]
        if any(p.cpu_times().user > 6 for p in explorers):
            return
        time.sleep(0.2)


def spread(values: list[float], goal: str) -> tuple[str, str, str]:
    """Median and 95th percentile in words."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"{statistics.median(values):.0f} ms", f"{p95:.0f} ms", goal


if __name__ == "__main__":
    main()
