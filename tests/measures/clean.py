"""What no page may do: ask another machine, complain, or shut somebody out."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

from tests.browser.readiness import HOOKS, Watch, serious
from tests.measures.desk import Row, serving
from tests.support import large

THEMES = ("light", "dark")


def clean(browser, root: Path) -> dict[str, Row]:
    """Requests, errors and axe-core's findings over every page, light and dark."""
    large.make(root / "clean" / "few", 3, n_found=20, n_labelled=20, budget=30, paused=True)
    watch, found = Watch(), []
    with serving(root / "clean") as (url, *_):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        watch.attach(page)
        for theme in THEMES:
            for name, hook in HOOKS.items():
                page.goto(f"{url}?campaign=few&page={name}&theme={theme}")
                page.wait_for_selector(hook, state="attached")
                found += serious(Axe().run(page).response["violations"])
        page.close()
    over = f"{len(THEMES)} × {len(HOOKS)} pages"
    return {
        f"requests that leave localhost, {over}": Row(len(watch.outside), most=0),
        f"console errors, {over}": Row(len(watch.errors), most=0),
        f"serious axe-core findings, {over}": Row(len(found), most=0),
    }
