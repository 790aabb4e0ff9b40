"""Structures that several tests use."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from engine.config import SystemSettings
from engine.generators import place
from engine.protocols import Examined
from engine.space import Space

BOND = (0.85, 1.25)  # nothing so close that forces are wild


def random_clusters(formula: str, count: int, seed: int = 0) -> list[Atoms]:
    rng = np.random.default_rng(seed)
    system = Space.of(SystemSettings(composition=formula))
    return [place(system, BOND, 100, rng) for _ in range(count)]


def examined(structure: Atoms, **known) -> Examined:
    """A structure as a check sees it; what the check does not look at is neutral."""
    return Examined(**{"structure": structure, "energy": 0.0, "fmax": 0.0, "features": np.zeros(3), **known})


def rotated(structure: Atoms, seed: int) -> Atoms:
    """A copy, rotated and shifted at random, in the same box."""
    rng = np.random.default_rng(seed)
    copy = structure.copy()
    copy.rotate(rng.uniform(0, 360), rng.standard_normal(3), center="COP")
    copy.positions += rng.uniform(-1, 1, 3)
    return copy
