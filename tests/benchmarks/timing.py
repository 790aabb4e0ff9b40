"""Medians of repeated calls, and the structures that are timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms

from engine.config import SystemSettings
from engine.generators import place
from engine.potentials.relax import relax
from engine.space import Space


@dataclass(frozen=True)
class Scale:
    """How much is measured: `repeats` of each call, and the sizes of the training sets."""

    repeats: int
    training: tuple[int, ...]
    held_out: int
    relaxed: int


FULL = Scale(repeats=15, training=(50, 200, 500), held_out=50, relaxed=10)
SHORT = Scale(repeats=3, training=(20, 50), held_out=10, relaxed=2)


def median_seconds(call: Callable[[], Any], repeats: int) -> float:
    """Median wall time of `repeats` calls after one that warms up."""
    call()
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def relaxing_clusters(formula: str, count: int, potential: Any, steps: int) -> list[Atoms]:
    """Random clusters, `steps` relaxation steps on their way down."""
    rng = np.random.default_rng(0)
    system = Space.of(SystemSettings(composition=formula))
    placed = [place(system, (0.75, 1.25), 100, rng) for _ in range(count)]
    return list(relax(placed, potential, fmax=0.05, steps=steps).structures)
