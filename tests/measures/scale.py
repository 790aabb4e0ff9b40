"""Large campaigns: 10^5 structures with 10^4 labels, and a structure of 10^4 atoms."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from tests.measures.decisions import DEEP, decisions, since_key
from tests.measures.desk import Row, serving, spread
from tests.support import large

ATOMS = 10_000


def found(root: Path, structures: int, n_waiting: int = 100, n_labelled: int = 100) -> Path:
    """Make a paused campaign of so many structures and return its folder."""
    folder = root / f"of {structures}" / "large"
    others = structures - n_waiting - n_labelled
    return large.make(
        folder, n_waiting, n_found=others, n_labelled=n_labelled, budget=structures, paused=True
    )


def long_log(browser, folder: Path, repeats: int) -> dict[str, Row]:
    """Decisions in a campaign with a long log, and how long its pages take to open."""
    with serving(folder.parent) as (url, process, started):
        page = browser.new_page()
        page.goto(f"{url}?campaign={folder.name}&page=review", timeout=120_000)
        page.wait_for_selector(".dd-card")
        complete = time.monotonic() - started
        page.wait_for_selector(".dd-hotkeys[data-ready]", state="attached")
        outbox, log, drawn = decisions(page, folder, repeats)
        opened = {name: _turn(page, key, hook) for name, (key, hook) in PAGES.items()}
        memory = psutil.Process(process.pid).memory_info().rss / 1e6
        page.close()
    return {
        "10^4 labels: panel serve → Review is complete": Row(complete, "s"),
        "10^4 labels: key → outbox": spread(outbox, 100, tail=True),
        "10^4 labels: key → CandidateApproved durable": spread(log, 400, tail=True),
        "10^4 labels: next candidate drawn": spread(drawn, 300),
        **{f"10^4 labels: {name} opened": Row(ms, "ms") for name, ms in opened.items()},
        "10^4 labels: serving process": Row(memory, "MB", 400),
    }


PAGES = {
    "Live": ("l", ".dd-log"),
    "Data & model": ("d", ".dd-table"),
    "Audit": ("a", ".dd-audit table"),
    "Runs": ("r", ".dd-run"),
}
"""The key after g, and what is there once the page is."""


def _turn(page, key: str, hook: str) -> float:
    """Milliseconds until a page is there."""
    page.keyboard.press("g")
    pressed = time.monotonic()
    page.keyboard.press(key)
    page.wait_for_selector(hook)
    return 1000 * (time.monotonic() - pressed)


def big_structure(browser, root: Path, repeats: int) -> dict[str, Row]:
    """From a key to the picture of a structure of 10^4 atoms."""
    folder = root / "atoms" / "large"
    large.make(folder, repeats + 1, n_atoms=ATOMS, paused=True)
    with serving(folder.parent) as (url, _, _):
        page = browser.new_page()
        page.goto(f"{url}?campaign={folder.name}&page=review")
        page.wait_for_selector(f'.dd-viewer[data-atoms="{ATOMS}"]')
        page.wait_for_selector(".dd-hotkeys[data-ready]", state="attached")
        page.evaluate(DEEP)
        ids = page.locator(".dd-card").evaluate_all("cards => cards.map(card => card.dataset.id)")
        drawn = [since_key(page, "j", ".dd-viewer", f'[data-drawn="{name}"]')[0] for name in ids[1:]]
        page.close()
    return {"next candidate drawn, 10^4 atoms": spread(drawn, None)}
