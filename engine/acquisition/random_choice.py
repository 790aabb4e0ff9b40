"""The baseline that every clever rule must beat."""

from __future__ import annotations

import numpy as np

from engine.config import SelectionSettings
from engine.protocols import Acquisition, Pick, Pool


class RandomChoice:
    """Uniform draws without replacement; no term counts."""

    def __init__(self, settings: SelectionSettings) -> None:
        """Every rule is made with settings; this one needs none of them."""

    def select(self, pool: Pool, count: int, rng: np.random.Generator) -> list[Pick]:
        """Return at most `count` picks in the order they were drawn."""
        drawn = rng.permutation(len(pool.energy))[:count]
        return [Pick(int(index), 0.0, {}) for index in drawn]


_: type[Acquisition] = RandomChoice
