"""Ten random Ag8S4 clusters to fmax 0.05: ours in lockstep, ASE's BFGS one by one."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from ase import Atoms
from ase.optimize import BFGS
from rich.table import Table

from engine.potentials.chgnet import CHGNet
from engine.potentials.relax import relax
from tests.benchmarks.timing import Scale, relaxing_clusters

FMAX = 0.05
STEPS = 300


def table(scale: Scale, chgnet: CHGNet, calculator: Any) -> Table:
    """Seconds, steps and energies of both."""
    clusters = relaxing_clusters("Ag8S4", scale.relaxed, chgnet, steps=0)
    result = Table(title=f"{len(clusters)} random Ag8S4 to fmax {FMAX} eV/Å in CHGNet 0.3.0, ≤ {STEPS} steps")
    for column in ("optimiser", "seconds", "mean steps", "converged", "mean energy (eV)"):
        result.add_column(column, justify="right")
    started = time.perf_counter()
    ours = relax(clusters, chgnet, FMAX, STEPS)
    seconds = time.perf_counter() - started
    result.add_row(
        "ours: L-BFGS in lockstep",
        f"{seconds:.1f}",
        f"{ours.steps.mean():.0f}",
        f"{ours.converged.sum()}",
        f"{ours.energy.mean():.2f}",
    )
    started = time.perf_counter()
    theirs = [_bfgs(cluster, calculator) for cluster in clusters]
    their_seconds = time.perf_counter() - started
    steps, converged, energy = np.mean(theirs, axis=0)
    result.add_row(
        "ASE BFGS on CHGNetCalculator",
        f"{their_seconds:.1f}",
        f"{steps:.0f}",
        f"{converged * len(clusters):.0f}",
        f"{energy:.2f}",
    )
    result.caption = f"{their_seconds / seconds:.1f}× faster"
    return result


def _bfgs(cluster: Atoms, calculator: Any) -> tuple[int, bool, float]:
    atoms = cluster.copy()
    atoms.calc = calculator
    optimiser = BFGS(atoms, logfile=None)
    converged = optimiser.run(fmax=FMAX, steps=STEPS)
    return optimiser.nsteps, bool(converged), float(atoms.get_potential_energy())
