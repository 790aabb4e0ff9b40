"""A served desk, and how a figure of it is told."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.browser.chromium import free_port
from tests.support.toy import REPOSITORY

Row = tuple[str, str, str]
"""Median or figure, 95th percentile, goal."""


@contextmanager
def serving(home: Path):
    """A real `panel serve dashboard`; gives its address, process and when it was started."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "panel",
        "serve",
        "dashboard",
        "--address",
        "localhost",
        "--port",
        str(port),
    ]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "DELTADESK_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://localhost:{port}/dashboard"
    try:
        while True:
            with suppress(OSError):
                socket.create_connection(("localhost", port), timeout=30).close()
                break
            time.sleep(0.02)
        yield url, process, started
    finally:
        process.terminate()
        process.wait(timeout=15)


def spread(values: list[float], goal: str) -> Row:
    """Median and 95th percentile in words."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"{statistics.median(values):.0f} ms", f"{p95:.0f} ms", goal
