"""Before any label: the most different minima first.

Pitfield, Christiansen, Hammer, PCCP 2026 (arXiv 2507.18485), cold start.
"""

from __future__ import annotations

import numpy as np

from engine.acquisition.greedy import greedy_batch
from engine.config import SelectionSettings
from engine.protocols import Acquisition, FloatArray, Pick, Pool


class FarthestPoint:
    """Greedy farthest points in feature space, starting at the lowest energy.

    Utility is the distance to the nearest pick or known structure, in units of the largest; a flagged
    structure is picked only when no unflagged one is left.

    Parameters
    ----------
    settings : what diversity and flags are worth (eV), for the terms that are shown
    """

    def __init__(self, settings: SelectionSettings) -> None:
        self._settings = settings

    def select(self, pool: Pool, count: int, rng: np.random.Generator) -> list[Pick]:  # noqa: ARG002
        """Return at most `count` picks, best first; nothing is random here."""
        if len(pool.energy) == 0:
            return []
        terms: dict[str, FloatArray] = {
            "promise": pool.energy.min() - pool.energy,
            "checks": -self._settings.flag_penalty * pool.n_flags.astype(float),
        }
        behind = 2.0 * (pool.n_flags > 0)  # novelty is at most 1
        return greedy_batch(pool, count, self._settings.diversity, terms, lambda novelty: novelty - behind)


_: type[Acquisition] = FarthestPoint
