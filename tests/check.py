"""Every check of the project, in one command: ``python -m tests.check``.

Runs formatting, lint, types, the order of rooms and all tests that this machine can run, and prints what it
had to leave out. With ``--nothing-left-out`` (continuous integration) leaving something out is a failure.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from importlib.util import find_spec

from tests.browser.chromium import find_chromium
from tests.support.serving import other_address

CHECKS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "order of rooms": ["lint-imports"],
    "security": ["bandit", "-q", "-c", "pyproject.toml", "-r", "engine", "dashboard", "assets"],
}

SIDE_BY_SIDE = ["--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile"]
"""Much of the tests' time is waiting: for a page, a worker, a lock. A file's tests share its fixtures."""


def main() -> int:
    """Run all checks; exit status 0 if none failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nothing-left-out", action="store_true", help="fail if something cannot run here")
    arguments, pytest_arguments = parser.parse_known_args()
    left_out: dict[str, str] = {}
    tests = [sys.executable, "-m", "pytest", *SIDE_BY_SIDE, *pytest_arguments]
    if find_chromium() is None:
        left_out["browser"] = "no Chromium here (Debian: apt-get install chromium)"
    if find_spec("gpaw") is None:
        left_out["gpaw"] = "no GPAW here (`deltadesk doctor` says how to install it)"
    if other_address() is None:
        left_out["address"] = "this machine has no address but loopback"
    if left_out:
        tests += ["-m", " and ".join(f"not {marker}" for marker in left_out)]
    failed = [name for name, command in {**CHECKS, "tests": tests}.items() if not _passes(name, command)]
    for marker, why in left_out.items():
        print(f"left out: {marker} tests: {why}")
    if not left_out:
        print("left out: nothing")
    print(f"failed: {', '.join(failed) or 'nothing'}", flush=True)
    return int(bool(failed) or (arguments.nothing_left_out and bool(left_out)))


def _passes(name: str, command: list[str]) -> bool:
    started = time.monotonic()
    print(f"── {name}: {' '.join(command)}", flush=True)
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}  # as many processes as cores: one thread each
    alone.pop("PYTHONDONTWRITEBYTECODE", None)  # tests start hundreds of programs: each would compile us anew
    passed = subprocess.run(command, check=False, env=alone).returncode == 0
    print(f"   {name} {'passed' if passed else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())
