"""Medians of repeated calls, and the structures that are timed."""

from __future__ import annotations

import cProfile
import pstats
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from engine.config import SystemSettings
from engine.generators import place
from engine.potentials.relax import relax
from engine.space import Space


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Attributes
    ----------
    repeats, rounds : of each call, and of a search
    training, held_out : sizes of training sets, and structures for their errors
    labels : of the Δ-model under a search
    relaxed, relaxed_formulas, all_cores : clusters relaxed together, and on one core or on all
    trained, epochs, scored : structures that a committee is fitted to, how often, and those that it scores
    grown, grown_labels : sizes in units of 18 atoms, and training sets, whose growth is followed
    frames : of each trajectory of molecular dynamics
    pool, batch : structures that a batch is selected from, and its size
    """

    repeats: int
    rounds: int
    training: tuple[int, ...]
    held_out: int
    labels: int
    relaxed: int
    relaxed_formulas: tuple[str, ...]
    all_cores: bool
    trained: int
    epochs: int
    scored: int
    frames: int
    grown: tuple[int, ...]
    grown_labels: tuple[int, ...]
    pool: int
    batch: int


FULL = Scale(
    repeats=15,
    rounds=5,
    training=(50, 200, 500),
    held_out=50,
    labels=50,
    relaxed=10,
    relaxed_formulas=("Ag8S4", "Ag16S8"),
    all_cores=True,
    trained=200,
    epochs=60,
    scored=100_000,
    frames=3,
    grown=(1, 4, 16),
    grown_labels=(50, 500, 5000),
    pool=100_000,
    batch=100,
)
SHORT = Scale(
    repeats=3,
    rounds=1,
    training=(10, 20),
    held_out=10,
    labels=10,
    relaxed=1,
    relaxed_formulas=("Ag4S2",),
    all_cores=False,
    trained=3,
    epochs=1,
    scored=100,
    frames=1,
    grown=(1, 2),
    grown_labels=(10, 20),
    pool=1000,
    batch=10,
)
"""Sees that every row can be measured; its figures are no measure of anything."""


PROFILED = 0.1  # s of a call, repeated, that its profile is of


def median_seconds(call: Callable[[], Any], repeats: int) -> float:
    """Median wall time of `repeats` calls after one that warms up."""
    call()
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def hottest(call: Callable[[], Any], count: int = 3) -> str:
    """Where a call's processor time goes: the functions with the largest own time, by cProfile."""
    call()
    with cProfile.Profile(time.process_time) as profile:
        begun = time.process_time()
        while time.process_time() - begun < PROFILED:
            call()
    own = {place: row[2] for place, row in pstats.Stats(profile).stats.items()}  # file, line, name: own time
    total = sum(own.values())
    first = sorted(own, key=own.__getitem__, reverse=True)[:count]
    return ", ".join(f"{_name(place)} {100 * own[place] / total:.0f} %" for place in first)


def _name(place: tuple[str, int, str]) -> str:
    """``soap.py:describe``, or a built-in's bare name."""
    path, _, name = place
    bare = re.sub(r"<built-in method |<method |method |of '.*' objects|[<>{}']", "", name).strip()
    return bare if path == "~" else f"{Path(path).name}:{bare}"


def relaxing_clusters(formula: str, count: int, potential: Any, steps: int) -> list[Atoms]:
    """Random clusters, `steps` relaxation steps on their way down."""
    rng = np.random.default_rng(0)
    system = Space.of(SystemSettings(composition=formula))
    placed = [place(system, (0.75, 1.25), 100, rng) for _ in range(count)]
    return list(relax(placed, potential, fmax=0.05, steps=steps).structures)
