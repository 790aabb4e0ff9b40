"""From a key to the outbox, the log and the next picture, while the search runs in CHGNet."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import psutil

from tests.measures.desk import Row, serving, spread
from tests.support import large

PERSON = 500  # ms that a person looks before the next key
LOADED = 120  # s until an explorer works at the latest
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


def at_work(browser, root: Path, repeats: int) -> dict[str, Row]:
    """Decisions about 200-atom candidates while the search runs in CHGNet."""
    folder = root / "work" / "busy"
    large.make(folder, n_waiting=2 * repeats + 20, n_atoms=200, budget=1000)
    at_full_load(folder)
    with serving(root / "work") as (url, process, _):
        page = browser.new_page()
        page.goto(f"{url}?campaign=busy&page=review")
        page.wait_for_selector(".dd-card")
        wait_for_load(process)
        outbox, log, drawn = decisions(page, folder, repeats)
        server = psutil.Process(process.pid).memory_info().rss / 1e6
        page.close()
    return {
        "key → the card is in this session's outbox": spread(outbox, 100, tail=True),
        "key → CandidateApproved durable in the log": spread(log, 400, tail=True),
        "next candidate drawn, 200 atoms": spread(drawn, 300),
        "serving process, resident": Row(server, "MB", 400),
    }


def at_full_load(folder: Path) -> None:
    """Let the hold never end and the pool never be full: the explorer works all the time."""
    large.settings_with(folder, {"hold = 10.0": "hold = 1e6", "probe = 10": "pool = 100000\nprobe = 10"})


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
        other = f'.dd-queue [aria-selected="true"]:not([data-id="{chosen}"])'
        following = page.wait_for_selector(other).get_attribute("data-id")
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


def wait_for_load(process: subprocess.Popen[bytes]) -> None:
    """Wait until an explorer has been busy for a second of its own."""
    deadline = time.monotonic() + LOADED
    while True:
        explorers = [
            p for p in psutil.Process(process.pid).children(recursive=True) if "loky" in str(p.cmdline())
        ]
        if any(p.cpu_times().user > 6 for p in explorers):
            return
        assert time.monotonic() < deadline, "the search does not run: see crash.log in the campaign's folder"
        time.sleep(0.2)
