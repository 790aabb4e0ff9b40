"""Pictures of every page × state × theme × width: ``python -m tests.screenshots [OUT]``.

The one that README shows is written to assets/screenshots. Campaigns: none, the real demo with some labels
in, a queue of 10,000 candidates, plots of 0, 10 and 10,000 structures, the sections of Data & model for a
crystal, a replay, and, in one width, each page in every state a person can meet.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, expect, sync_playwright

from engine import recordings
from engine.loop import Follower
from engine.store import folder_lock
from engine.store.connection import LOCK
from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.readiness import HOOKS
from tests.measures.desk import serving
from tests.support import dynamics, large, silicon, states
from tests.support.toy import REPOSITORY

README_PICTURE = REPOSITORY / "assets/screenshots/review.png"
SIZES = {"wide": (1440, 860), "full": (1920, 1080), "narrow": (390, 844)}
ALL = tuple(SIZES)
IN_STATES = {
    "runs": ".dd-run",
    "live": ".dd-log",
    "review": ".dd-queue",
    "landscape": ".dd-viewer[data-drawn]",
    "data": ".dd-viewer[data-drawn]",
    "audit": ".dd-audit table",
}
"""What is on each page in every state."""
LABELS = 10
SECTIONS = {
    "model": "Labels until",
    "properties": "Reference: V₀",
    "data": "nats after",
    "rules": "saves labels",
}
"""Words of each section of Data & model that are there once its figures are."""


def main() -> None:
    """Take all pictures into OUT (default: a temporary folder, whose name is printed)."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="deltadesk-"))
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        stack.callback(browser.close)
        with serving(root / "empty") as (url, *_):
            page = browser.new_page()
            take(page, out, "runs-empty", url, ".dd-start-demo")
            page.close()
        with serving(root / "demo") as (url, *_):
            page = browser.new_page(viewport={"width": 1440, "height": 860})
            curate(page, url, root / "demo" / "ag8s4")
            for name, hook in HOOKS.items():
                take(page, out, name, f"{url}?campaign=ag8s4&page={name}", hook)
            README_PICTURE.parent.mkdir(exist_ok=True)
            README_PICTURE.write_bytes((out / "review-wide-light.png").read_bytes())
            page.close()
        large.make(root / "large" / "large", 10_000, budget=20_000)
        large.make(root / "plots" / "found", 20, n_found=9880, n_labelled=100, budget=1000, paused=True)
        large.make(root / "plots" / "few", 10, paused=True)
        large.make(root / "plots" / "none", 0, paused=True)
        silicon.make(root / "plots" / "si", n_each=20)
        silicon.make_race(root / "plots" / "race")
        dynamics.make(root / "plots" / "md")
        with serving(root / "large") as (url, *_):
            page = browser.new_page()
            take(page, out, "review-10000", f"{url}?campaign=large&page=review", ".dd-viewer[data-drawn]")
            page.close()
        with serving(root / "plots") as (url, *_):
            page = browser.new_page()
            for campaign in ("none", "few", "found"):
                for name in ("landscape", "data"):
                    take(
                        page,
                        out,
                        f"{name}-{campaign}",
                        f"{url}?campaign={campaign}&page={name}",
                        f".dd-{name}",
                    )
            for section, words in SECTIONS.items():
                address = f"{url}?campaign=si&page=data&section={section}"
                take(page, out, f"data-{section}", address, f".dd-data >> text={words}")
            address = f"{url}?campaign=md&page=data&section=dynamics"
            take(page, out, "data-dynamics", address, ".dd-viewer[data-drawn]")
            page.close()
        in_states(browser, root / "states", out)
    print(f"pictures in {out}")


def in_states(browser: Browser, root: Path, out: Path) -> None:
    """Each page in every state, at last with the server gone; this process stands for the engines."""
    with ExitStack() as locks:
        for state in states.STATES:
            locks.enter_context(folder_lock(states.make(root / state, state) / LOCK))
        with serving(root) as (url, process, _):
            page = browser.new_page()
            for state in states.STATES:
                for name, hook in IN_STATES.items():
                    address = f"{url}?campaign={state}&page={name}"
                    take(page, out, f"{name}-{state}", address, hook, sizes=("wide",))
            recorded = quote(f"cui{recordings.SUFFIX}")
            take(page, out, "replay", f"{url}?campaign={recorded}&at=90&page=live", ".dd-moment")
            page.goto(f"{url}?campaign=waiting&page=review&theme=dark")
            page.wait_for_selector(".dd-viewer[data-drawn]")
            process.kill()
            page.wait_for_selector(".dd-lost")
            page.screenshot(path=out / "connection-lost-wide-dark.png", animations="disabled")
            page.close()


def take(
    page: Page, out: Path, name: str, url: str, hook: str, *, sizes: Sequence[str] = tuple(SIZES)
) -> None:
    """One page in some sizes, light and dark."""
    separator = "&" if "?" in url else "?"
    for theme in ("light", "dark"):
        page.goto(f"{url}{separator}theme={theme}")
        page.wait_for_selector(hook, state="attached")
        for size in sizes:
            width, height = SIZES[size]
            page.set_viewport_size({"width": width, "height": height})
            rail = page.get_by_role("button", name="Settings")
            rail.wait_for(state="hidden" if size == "narrow" else "visible")
            page.wait_for_load_state("networkidle")
            (out / f"{name}-{size}-{theme}.png").write_bytes(still(page))


def still(page: Page) -> bytes:
    """A picture that is like the one before it: a canvas of another size is empty for a while."""
    before = b""
    for _ in range(20):
        now = page.screenshot(animations="disabled")
        if now == before:
            break
        before = now
    return now


def curate(page: Page, url: str, folder: Path) -> None:
    """Run the demo as a person would, until some labels are in and the model has been fitted."""
    page.goto(url)
    page.locator(".dd-start-demo button").click()
    page.wait_for_selector(".dd-log")
    page.get_by_role("button", name="Review").click()
    expect(page.locator(".dd-card").first).to_be_visible(timeout=120_000)
    follower = Follower(folder)
    while len(follower.refresh().labels) < LABELS or not follower.refresh().waiting:
        if follower.campaign.spent + follower.campaign.approved < LABELS and follower.campaign.waiting:
            page.keyboard.press("a")
        page.wait_for_timeout(300)
    follower.close()


if __name__ == "__main__":
    main()
