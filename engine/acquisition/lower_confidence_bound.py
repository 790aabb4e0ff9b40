"""Low energy, large uncertainty, unlike what is known: E − κσ with diversity.

Pitfield, Christiansen, Hammer, PCCP 2026 (arXiv 2507.18485).
"""

from __future__ import annotations

import numpy as np

from engine.acquisition.greedy import greedy_batch
from engine.config import SelectionSettings
from engine.protocols import Acquisition, FloatArray, Pick, Pool


class LowerConfidenceBound:
    """Utility −(E − E_min) + κσ + diversity − penalty · flags, all in eV.

    The terms are called promise, uncertainty, diversity and checks; E_min is the lowest energy in the pool.
    A surrogate without an uncertainty has no such term.

    Parameters
    ----------
    settings : κ and the weights of diversity and flags (eV)
    """

    def __init__(self, settings: SelectionSettings) -> None:
        self._settings = settings

    def select(self, pool: Pool, count: int, rng: np.random.Generator) -> list[Pick]:  # noqa: ARG002
        """Return at most `count` picks, best first; nothing is random here."""
        if len(pool.energy) == 0:
            return []
        terms: dict[str, FloatArray] = {"promise": pool.energy.min() - pool.energy}
        if pool.energy_std is not None:
            terms["uncertainty"] = self._settings.kappa * pool.energy_std
        terms["checks"] = -self._settings.flag_penalty * pool.n_flags.astype(float)
        fixed = np.sum(list(terms.values()), axis=0)
        weight = self._settings.diversity
        return greedy_batch(pool, count, weight, terms, lambda novelty: fixed + weight * novelty)


_: type[Acquisition] = LowerConfidenceBound
