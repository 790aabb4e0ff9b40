"""The table of measures: ``python -m tests.measures [--short]``.

Medians and 95th percentiles over 50 repeats. ``--short`` takes 10 repeats, 30 decisions of an afternoon's
200, and leaves 10^5 structures out.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from tests.browser.chromium import FLAGS, find_chromium
from tests.measures.afternoon import afternoon
from tests.measures.clean import clean
from tests.measures.decisions import at_work
from tests.measures.first_minute import first_minute
from tests.measures.maps import landscape
from tests.measures.scale import big_structure, found, long_log
from tests.measures.sessions import sessions


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    short = parser.parse_args().short
    repeats = 10 if short else 50
    table = Table("measure", "median", "p95", "goal", title="the desk, engine at full load")
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        stack.callback(browser.close)
        rows = {**first_minute(browser, root), **at_work(browser, root, repeats)}
        rows |= afternoon(browser, root, 30 if short else 200)
        rows |= landscape(browser, found(root, 10_000), repeats, "< 150 ms")
        rows |= big_structure(browser, root, min(repeats, 10))
        if not short:
            folder = found(root, 100_000, n_waiting=1_000, n_labelled=10_000)
            rows |= landscape(browser, folder, repeats, "< 300 ms")
            rows |= long_log(browser, folder, repeats)
        rows |= {**sessions(browser, root), **clean(browser, root)}
    for name, row in rows.items():
        table.add_row(name, *row)
    Console().print(table)


if __name__ == "__main__":
    main()
