"""Who uses the desk for hours: turns pages, looks at candidates, decides now and then, reloads."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from tests.support.desk_client import DeskClient
from tests.support.walk import KEYS, TITLES, go

NAME = "busy"
PATIENCE = 600.0  # s, for a page on a machine that does other work as well
THINKS = (1.0, 5.0)  # s between two things that a person does
SHARES = {"turn": 0.6, "look": 0.25, "decide": 0.1, "reload": 0.05}
LISTENS = ".dd-hotkeys[data-ready]"  # in a page that takes keys
DECISIONS = {"d": 0.4, "x1": 0.4, "a": 0.2}  # defer, veto, approve


class Wire:
    """A session over Bokeh's own protocol; nothing is drawn."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._tab: Any = None

    async def open(self) -> None:
        """Come in, or come in again."""
        await self.close()
        self._tab = await DeskClient.open(self._url, campaign=NAME, page="review")
        await self._tab.until(lambda: "TabText" in self._tab.models, "the desk", PATIENCE)

    async def turn(self, page: str) -> None:
        """Go to a page."""
        await go(self._tab, page, PATIENCE)

    async def press(self, key: str) -> None:
        """Press one key."""
        await self._tab.key(key)

    async def close(self) -> None:
        """Leave."""
        if self._tab is not None:
            await self._tab.close()


class Browser:
    """A session in a page of a real Chromium."""

    def __init__(self, url: str, page: Any) -> None:
        self._url = f"{url}?campaign={NAME}&page=review"
        self._page = page

    async def open(self) -> None:
        """Come in, or load the page again."""
        await self._page.goto(self._url, timeout=1000 * PATIENCE)
        await self._page.locator(LISTENS).wait_for(state="attached", timeout=1000 * PATIENCE)
        await self._shows("review")

    async def turn(self, page: str) -> None:
        """Go to a page."""
        await self.press("g")
        await self.press(KEYS[page])
        await self._shows(page)

    async def press(self, key: str) -> None:
        """Press one key."""
        await self._page.keyboard.press(key)

    async def close(self) -> None:
        """Leave."""
        await self._page.close()

    async def _shows(self, page: str) -> None:
        there = "name => document.title.includes(`${name} – `)"
        await self._page.wait_for_function(there, arg=TITLES[page], timeout=1000 * PATIENCE)


async def live(visitor: Wire | Browser, seed: int, until: Callable[[], bool], did: Counter[str]) -> None:
    """Use the desk until it is time; `did` counts what was done."""
    rng = np.random.default_rng(seed)
    await visitor.open()
    here = "review"

    async def turn() -> None:
        nonlocal here
        here = str(rng.choice([page for page in KEYS if page != here]))
        await visitor.turn(here)

    async def look() -> None:
        await visitor.press("j" if rng.random() < 0.7 else "k")

    async def decide() -> None:
        nonlocal here
        if here != "review":
            here = "review"
            await visitor.turn(here)
        for key in str(rng.choice(list(DECISIONS), p=list(DECISIONS.values()))):
            await visitor.press(key)

    async def reload() -> None:
        nonlocal here
        here = "review"
        await visitor.open()

    acts: dict[str, Callable[[], Awaitable[None]]] = {
        "turn": turn,
        "look": look,
        "decide": decide,
        "reload": reload,
    }
    while not until():
        act = str(rng.choice(list(SHARES), p=list(SHARES.values())))
        await acts[act]()
        did[act] += 1
        await asyncio.sleep(rng.uniform(*THINKS))
    await visitor.close()
