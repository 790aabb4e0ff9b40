"""Bad input at every door: ``python -m tests.fuzz [--examples 2000]`` prints families, cases and failures."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.fuzz.families import FAMILIES
from tests.fuzz.harness import failures
from tests.fuzz.hunt import hunt
from tests.fuzz.random_input import LAWS


def main() -> int:
    """Run all; exit status 0 if every case was refused as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=0, help="random inputs for each law (default: few)")
    examples = parser.parse_args().examples
    table = Table("family", "cases", "failures")
    total, wrong = 0, []
    with tempfile.TemporaryDirectory() as place:
        os.environ["DELTADESK_HOME"] = str(Path(place) / "home")
        for name, family in FAMILIES.items():
            cases, folder = list(family()), Path(place) / name
            folder.mkdir()
            os.chdir(folder)
            found = failures(cases, folder)
            os.chdir("/")
            table.add_row(name, str(len(cases)), str(len(found)))
            total, wrong = total + len(cases), [*wrong, *found]
        for name in LAWS:
            try:
                tried, found = hunt(name, examples), []
            except Exception as error:  # a law that does not hold, with hypothesis's smallest example
                tried, found = (
                    0,
                    [f"{name}: {type(error).__name__}: {error}", *getattr(error, "__notes__", [])],
                )
            table.add_row(name, str(tried), str(min(len(found), 1)))
            total, wrong = total + tried, [*wrong, *found]
    console = Console()
    console.print(table)
    for line in wrong:
        console.print(line, markup=False, highlight=False)
    print(f"{len(FAMILIES) + len(LAWS)} families, {total} cases, failures: {len(wrong) or 'none'}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
