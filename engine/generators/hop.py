"""A walker's trial move, and whether it goes there."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from numpy.typing import NDArray

from engine.config import HoppingSettings
from engine.potentials.relax import free_atoms
from engine.protocols import FloatArray
from engine.space import Space


def hop(
    structure: Atoms,
    amplitude: float,
    settings: HoppingSettings,
    space: Space,
    rng: np.random.Generator,
) -> Atoms:
    """Move some free atoms to new places; the others stay.

    A place is at most `amplitude` (Å) away, inside the region, not nearer than the shortest bond to any atom
    and not further than the longest bond from one. An atom that finds none in `tries` stays too. A cluster
    without fixed atoms is first moved to the box's middle.
    """
    trial = structure.copy()
    free = np.flatnonzero(free_atoms(trial))
    if len(free) == len(trial) and not trial.pbc.any():
        trial.positions += space.middle - trial.positions.mean(axis=0)
    count = min(len(free), max(1, round(settings.fraction * len(free))))
    radii = covalent_radii[trial.numbers]
    for atom in rng.permutation(free)[:count]:
        others = np.arange(len(trial)) != atom
        sums = radii[others] + radii[atom]
        for _ in range(settings.tries):
            spot = trial.positions[atom] + _in_ball(amplitude, rng)
            ratio = space.distances(spot, trial.positions[others]) / sums
            if space.holds(spot) and settings.bond[0] <= ratio.min(initial=np.inf) <= settings.bond[1]:
                trial.positions[atom] = spot
                break
    return trial


def metropolis(rise: FloatArray, kT: float | FloatArray, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Accept each rise in energy (n,) (eV) with probability min(1, exp(−rise/kT)); nan is refused."""
    draws = rng.random(len(rise))
    with np.errstate(over="ignore"):
        return np.isfinite(rise) & (draws < np.exp(-np.where(np.isfinite(rise), rise, 0.0) / kT))


def _in_ball(radius: float, rng: np.random.Generator) -> FloatArray:
    """Uniform in a ball (Å)."""
    direction: FloatArray = rng.standard_normal(3)
    length: float = radius * rng.random() ** (1 / 3)
    return direction * (length / float(np.linalg.norm(direction)))
