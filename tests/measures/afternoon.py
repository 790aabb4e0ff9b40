"""An afternoon's queue, decided by a script that never pauses, while the search runs in CHGNet."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from engine.core import CandidateApproved, CandidateDeferred, CandidateVetoed
from tests.measures.decisions import DEEP, at_full_load, since_key, wait_for_load
from tests.measures.desk import Row, serving, spread
from tests.support import history, large

SELECTED = '.dd-queue [aria-selected="true"]'
SHARES = {CandidateVetoed: ("x1", 0.6), CandidateApproved: ("a", 0.25), CandidateDeferred: ("d", 0.15)}
"""What a decision is in the log: its keys, and its part of all."""
BLIND = 20


def afternoon(browser, root: Path, count: int) -> dict[str, Row]:
    """Decisions one after another, each about the candidate that the page shows as chosen; then some blind.

    Raises
    ------
    AssertionError
        if the log does not hold each of them, about that candidate
    """
    folder = root / "afternoon" / "queue"
    large.make(
        folder,
        n_waiting=count + BLIND + 20,
        n_atoms=60,
        n_labelled=50,
        fits=False,
        budget=1000,
        selection={"cold_start": 1000},
    )
    at_full_load(folder)
    rng = np.random.default_rng(0)
    kinds = list(SHARES)
    wished = rng.choice(len(kinds), size=count, p=[share for _, share in SHARES.values()]).tolist()
    before = len(history.events(folder))
    with serving(folder.parent) as (url, process, _):
        page = browser.new_page()
        page.goto(f"{url}?campaign=queue&page=review")
        page.wait_for_selector(".dd-card")
        page.wait_for_selector(".dd-hotkeys[data-ready]", state="attached")
        wait_for_load(process)
        page.evaluate(DEEP)
        began, decided, each = time.monotonic(), {}, []
        for kind in (kinds[k] for k in wished):
            chosen = page.locator(SELECTED).get_attribute("data-id")
            *first, last = SHARES[kind][0]
            for press in first:
                page.keyboard.press(press)
            moved = f'[aria-selected="true"]:not([data-id="{chosen}"])'
            each.append(since_key(page, last, ".dd-queue", moved)[0])
            decided[chosen] = kind
        took = time.monotonic() - began
        decided |= _blind(page)
        _all_are_in_the_log(folder, before, decided)
        page.close()
    return {
        f"{count} decisions by key, without a pause": Row(took, "s", count),
        "key → the next candidate is chosen": spread(each, 1000, tail=True),
        "vetoes typed without a look, all in the log": Row(BLIND),
    }


def _blind(page) -> dict[str, type]:
    """Veto the next ones in the queue as fast as keys can be pressed."""
    ids = page.locator(".dd-card").evaluate_all("cards => cards.map(card => card.dataset.id)")
    place = ids.index(page.locator(SELECTED).get_attribute("data-id"))
    for _ in range(BLIND):
        page.keyboard.press("x")
        page.keyboard.press("1")
    return dict.fromkeys(ids[place : place + BLIND], CandidateVetoed)


def _all_are_in_the_log(folder: Path, before: int, decided: dict[str, type]) -> None:
    deadline = time.monotonic() + 60
    while True:
        events = [item.event for item in history.events(folder)[before:]]
        said = [(event.candidate, type(event)) for event in events if isinstance(event, tuple(SHARES))]
        if sorted(said, key=str) == sorted(decided.items(), key=str):
            return
        assert time.monotonic() < deadline, f"{len(said)} of {len(decided)} decisions are in the log"
        time.sleep(0.2)
