"""The short form of ``python -m tests.soak``: half a minute of use, and the judge on made-up numbers."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.soak.trend import trend
from tests.support.toy import REPOSITORY

HOURS = np.linspace(0, 2, 1440)
NOISE = np.random.default_rng(0).normal(0, 3, HOURS.size)  # MB


def test_what_stays_level_does_not_grow():
    level = trend(3600 * HOURS, 200 + NOISE, 30)
    assert not level.grew(1.0, by=1.0)
    assert level.low < 0 < level.high


def test_what_leaks_grows_by_what_it_leaks():
    leak = trend(3600 * HOURS, 200 + 4 * HOURS + NOISE, 30)
    assert leak.grew(1.0, by=1.0)
    assert leak.slope == pytest.approx(4, abs=1)
    assert leak.low < 4 < leak.high


def test_one_that_is_left_open_is_seen():
    files = trend(3600 * HOURS, np.floor(40 + 2 * HOURS), 30)
    assert files.grew(2.0, by=1.0)


@pytest.mark.browser
def test_people_use_it_and_the_server_is_watched(tmp_path):
    kept = tmp_path / "samples.jsonl"
    command = [sys.executable, "-m", "tests.soak", "--hours", "0.01", "--sessions", "2", "--samples", kept]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert "samples" in done.stdout, done.stderr
    last = done.stdout.strip().splitlines()[-1]
    assert "errors" not in last, done.stdout
    samples = [json.loads(line) for line in kept.read_text().splitlines()]
    assert len(samples) >= 5
    assert all(one["memory (MB)"] > 50 and one["threads"] >= 1 for one in samples)
    assert "'turn'" in done.stdout
