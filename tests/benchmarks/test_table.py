"""The table of speeds can be measured, all of it, on little work."""

import re
import subprocess
import sys

from tests.benchmarks.rows import Row
from tests.support.toy import REPOSITORY

WORK = [
    "sparse GPR fit",
    "energies + forces",
    "adding 1 structure",
    "Δ energy + forces, 18 atoms",
    "periodic slab of 40",
    "σ with its gradient",
    "CHGNet + Δ, a structure",
    "relaxations a minute",
    "REX round, 10 walkers",
    "GOFEE round",
    "REX round on CHGNet",
    "18 → 36 atoms",
    "10 → 20 labels",
    "a batch of 10 from 1000, 8 members: high-entropy",
    "8 networks trained together",
    "energies by 8 members",
    "a frame of 6 members' dynamics",
    "labels and core-seconds until",
]


def test_every_row_is_measured():
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--short"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [work for work in WORK if work not in done.stdout] == []
    figures = re.findall(r"│ +([\d.e+]+) (?:s|ms|core-s|/min) │", done.stdout)
    assert len(figures) == 18
    assert all(float(figure) > 0 for figure in figures)


def test_a_ratio_says_how_many_times_faster_at_least():
    assert Row("", 2.0, "s", (6.0, 8.0), 3.0).ratio == 3.0
    assert Row("", 2.0, "s", (), 3.0).met
    assert not Row("", 4.0, "s", (), 3.0).met
    rate = Row("", 50.0, "/min", (10.0,), 60.0, more=True)
    assert (rate.ratio, rate.met) == (5.0, False)
