"""Where the members of a committee disagree most.

Burbidge, Rowland, King, IDEAL 2007; Gupta, Koyama, Agrawal, Rondinelli (poster, 2021).
"""

from __future__ import annotations

import numpy as np

from engine.acquisition.spread import said_of_energies, spread_batch
from engine.config import SelectionSettings
from engine.math import query_by_committee
from engine.protocols import Acquisition, Pick, Pool


class QueryByCommittee:
    """Utility 1/K Σ_k (f_k − f̄)² of the energies per atom ((eV/atom)²), given the picks before.

    Parameters
    ----------
    settings : the accuracy that a label gives (`entropy_target`, eV), and what flags are worth (eV)
    """

    def __init__(self, settings: SelectionSettings) -> None:
        self._settings = settings

    def select(self, pool: Pool, count: int, rng: np.random.Generator) -> list[Pick]:  # noqa: ARG002
        """Return at most `count` picks, best first; nothing is random here."""
        if len(pool.energy) == 0:
            return []
        said = said_of_energies(pool, self._settings)
        penalty = self._settings.flag_penalty
        return spread_batch(pool, count, penalty, said, lambda now: query_by_committee(now[..., 0]))


_: type[Acquisition] = QueryByCommittee
