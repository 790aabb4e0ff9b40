"""Molecular dynamics on a committee: frames of one trajectory against those of ten in one batch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

import numpy as np
from ase.build import bulk

from engine.config import CommitteeSettings
from engine.generators.frames import said_of
from engine.potentials.dynamics import Bath, evolve, thermal_velocities
from engine.potentials.network_committee import NetworkCommittee
from engine.protocols import Potential
from tests.benchmarks.rows import Row
from tests.benchmarks.timing import Scale, hottest

BATH = Bath(temperature=300.0, timestep=5.0, friction=0.003)
CELL = bulk("CuI", "zincblende", a=6.051, cubic=True)  # Å, as in template cui
STEPS = 10  # from one frame to the next
TRAJECTORIES = 10


def rows(scale: Scale, teacher: Potential) -> Iterator[Row]:
    """Run the dynamics of copper iodide, and ask all members about each frame, as the search md does."""
    committee = _committee(scale, teacher)
    crystal = CELL * (2, 2, 2)
    committee.predict([crystal])  # warms up
    one = _core_seconds(committee, 1, scale.frames)
    many = _core_seconds(committee, TRAJECTORIES, scale.frames)
    yield Row(
        f"a frame of {committee.n_members} members' dynamics, CuI, 64 atoms, {TRAJECTORIES} trajectories",
        1e3 * many,
        "ms",
        (1e3 * one,),
        note=f"{STEPS} steps and all members' forces; peer: one trajectory; {1 / many:.2f} against "
        f"{1 / one:.2f} frames a core-second",
        bound=hottest(partial(committee.predict, [crystal])),
    )


def _committee(scale: Scale, teacher: Potential) -> NetworkCommittee:
    """3 × 2 networks, as in template cui, fitted to rattled cells."""
    settings = CommitteeSettings(
        kind="networks", members=6, subsample=0.8, initialisations=2, epochs=scale.epochs, batch=2
    )
    rng, cells = np.random.default_rng(0), [CELL.copy() for _ in range(2 + scale.epochs // 3)]
    for cell in cells:
        cell.positions += rng.normal(0, 0.1, cell.positions.shape)
    labels = teacher.predict(cells)
    return NetworkCommittee.fit(cells, labels.energy, settings, labels.forces)


def _core_seconds(committee: NetworkCommittee, trajectories: int, frames: int) -> float:
    """Of one frame."""
    rng = np.random.default_rng(1)
    start = [CELL * (2, 2, 2) for _ in range(trajectories)]
    velocities = [thermal_velocities(walker, BATH.thermal_energy, rng) for walker in start]
    begun = time.process_time()
    stretch = evolve(start, velocities, committee, BATH, frames=frames, steps=STEPS, rng=rng)
    said_of([frame for one in stretch.frames for frame in one], committee)
    return (time.process_time() - begun) / (trajectories * frames)
