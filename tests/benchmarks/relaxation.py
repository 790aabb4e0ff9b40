"""Relaxations a minute in CHGNet: ours in lockstep, on all cores; ASE's BFGS one by one."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

from ase import Atoms
from ase.optimize import BFGS

from engine.loop.explorers import Explorers
from engine.potentials.chgnet import CHGNet
from engine.potentials.relax import relax
from tests.benchmarks.rows import Row
from tests.benchmarks.timing import Scale, relaxing_clusters

FMAX = 0.05  # eV/Å
STEPS = 300


def rows(scale: Scale, chgnet: CHGNet, calculator: Any) -> Iterator[Row]:
    """A row a formula; the peer is measured in the same run, on the same random clusters."""
    cores = len(os.sched_getaffinity(0)) if scale.all_cores else 1
    for formula in scale.relaxed_formulas:
        clusters = relaxing_clusters(formula, scale.relaxed, chgnet, steps=0)
        begun = time.perf_counter()
        theirs = sum(_bfgs(cluster, calculator) for cluster in clusters)
        their_rate = 60 * len(clusters) / (time.perf_counter() - begun)
        seconds, converged = _ours([clusters] * cores)
        yield Row(
            f"relaxations a minute to fmax {FMAX}, {formula}, CHGNet, {cores} core(s)",
            60 * len(clusters) * cores / seconds,
            "/min",
            (round(their_rate, 1),),
            round(5 * their_rate, 1),
            more=True,
            note=f"peer: ASE's BFGS one by one, on one core; converged within {STEPS} steps: "
            f"{converged} of {cores * len(clusters)}, BFGS {theirs} of {len(clusters)}",
        )


def _ours(batches: list[list[Atoms]]) -> tuple[float, int]:
    """Seconds that the workers need, a batch each, and how many structures reached fmax."""
    explorers = Explorers(len(batches))
    try:
        for warm in [explorers.submit(_relaxed, batch[:1], 1) for batch in batches]:
            warm.result()
        begun = time.perf_counter()
        converged = sum(task.result() for task in [explorers.submit(_relaxed, b, STEPS) for b in batches])
        return time.perf_counter() - begun, converged
    finally:
        explorers.close()


def _relaxed(clusters: list[Atoms], steps: int) -> int:
    return int(relax(clusters, _chgnet(), FMAX, steps).converged.sum())


@cache
def _chgnet() -> CHGNet:
    return CHGNet("0.3.0")


def _bfgs(cluster: Atoms, calculator: Any) -> bool:
    atoms = cluster.copy()
    atoms.calc = calculator
    return bool(BFGS(atoms, logfile=None).run(fmax=FMAX, steps=STEPS))
