"""From the command to the first candidate."""

from __future__ import annotations

import time
from pathlib import Path

from tests.measures.desk import Row, serving

FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
"""ms from the navigation on, as the browser itself says it."""


def first_minute(browser, root: Path) -> dict[str, Row]:
    """From the command to the page, and from "Start the demo" to the first candidate."""
    with serving(root / "demo") as (url, _, started):
        page = browser.new_page()
        navigated = time.monotonic() - started
        page.goto(url)
        page.wait_for_selector(".dd-start-demo")
        complete = time.monotonic() - started
        painted = navigated + page.evaluate(FIRST_PAINT) / 1000
        begun = time.monotonic()
        page.locator(".dd-start-demo button").click()
        page.wait_for_selector(".dd-log")  # Live, where the demo begins
        page.get_by_role("button", name="Review").click()
        page.wait_for_selector(".dd-card", timeout=120_000)
        reviewable = time.monotonic() - begun
        page.close()
    return {
        "panel serve → first paint": Row(painted, "s", 4),
        "panel serve → Runs is complete": Row(complete, "s"),
        "Start → first reviewable candidate": Row(reviewable, "s", 30),
    }
