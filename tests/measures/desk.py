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
from typing import NamedTuple

from tests.browser.chromium import free_port
from tests.support.toy import REPOSITORY


class Row(NamedTuple):
    """A figure: a median, or the only value; with its unit and the most that it may be.

    Attributes
    ----------
    value : median
    unit : of all
    most : goal, None where there is none
    p95 : 95th percentile, None of a single value
    tail : the goal is meant for the 95th percentile
    """

    value: float
    unit: str = ""
    most: float | None = None
    p95: float | None = None
    tail: bool = False

    @property
    def missed(self) -> bool:
        """Whether there is a goal and it is not reached."""
        judged = self.p95 if self.tail and self.p95 is not None else self.value
        return self.most is not None and judged > self.most

    @property
    def words(self) -> tuple[str, str, str]:
        """Value, 95th percentile and goal as they are printed."""
        goal = "–" if self.most is None else f"{'p95 ' * self.tail}≤ {self._told(self.most)}"
        return self._told(self.value), "–" if self.p95 is None else self._told(self.p95), goal

    def _told(self, value: float) -> str:
        return f"{value:.{1 if self.unit == 's' else 0}f} {self.unit}".strip()


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


def spread(values: list[float], most: float | None, *, tail: bool = False) -> Row:
    """Median and 95th percentile of times in milliseconds."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return Row(statistics.median(values), "ms", most, p95, tail)
