"""The table of measures, row by row: ``python -m tests.measures [--short] [--only PART ...]``.

Medians and 95th percentiles over 50 repeats, the engine at full load. ``--short`` takes 10 repeats, 30
decisions of an afternoon's 200, and leaves 10^5 structures out. Exit 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, find_chromium
from tests.measures.afternoon import afternoon
from tests.measures.clean import clean
from tests.measures.decisions import at_work
from tests.measures.desk import Row
from tests.measures.first_minute import first_minute
from tests.measures.maps import landscape
from tests.measures.scale import big_structure, found, long_log
from tests.measures.sessions import sessions

LONG = ("map of 10^5", "10^4 labels")
"""Parts that `--short` leaves out."""


def parts(browser, root: Path, short: bool) -> dict[str, Callable[[], dict[str, Row]]]:
    """What can be measured, by name."""
    repeats = 10 if short else 50

    def largest() -> Path:
        folder = root / "of 100000" / "large"
        return folder if folder.exists() else found(root, 100_000, n_waiting=1_000, n_labelled=10_000)

    return {
        "first minute": lambda: first_minute(browser, root),
        "decisions": lambda: at_work(browser, root, repeats),
        "afternoon": lambda: afternoon(browser, root, 30 if short else 200),
        "map of 10^4": lambda: landscape(browser, found(root, 10_000), repeats, 150),
        "10^4 atoms": lambda: big_structure(browser, root, min(repeats, 10)),
        "map of 10^5": lambda: landscape(browser, largest(), repeats, 300),
        "10^4 labels": lambda: long_log(browser, largest(), repeats),
        "sessions": lambda: sessions(browser, root),
        "clean": lambda: clean(browser, root),
    }


def main() -> int:
    """Measure and print; exit status 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    names = list(parts(None, Path(), short=True))
    parser.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="PART", help=", ".join(names)
    )
    given = parser.parse_args()
    left_out = LONG if given.short else ()
    missed = []
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        stack.callback(browser.close)
        print(f"{'measure':<64}{'median':>12}{'p95':>12}  goal")
        for name, measure in parts(browser, root, given.short).items():
            if name in given.only and name not in left_out:
                for row, figure in measure().items():
                    median, p95, goal = figure.words
                    mark = "  missed" * figure.missed
                    print(f"{row:<64}{median:>12}{p95:>12}  {goal}{mark}", flush=True)
                    missed += [row] * figure.missed
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
