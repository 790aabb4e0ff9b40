"""Whose label would change the model most.

Cai, Zhang, Zhou, ICDM 2013; Gupta, Koyama, Agrawal, Rondinelli (poster, 2021).
"""

from __future__ import annotations

import numpy as np

from engine.acquisition.spread import per_atom, said_of_energies, spread_batch
from engine.config import SelectionSettings
from engine.math import expected_model_change
from engine.protocols import Acquisition, FloatArray, Pick, Pool


class ExpectedModelChange:
    """Utility ‖φ(x)‖ · 1/K Σ_k |f − f_k| (eV/atom), given the picks before.

    φ are the features per atom, each with mean 0 and standard deviation 1 over the pool (0 where it is the
    same for all); f is the model fitted to all data, or else the members' mean, and what imagined labels say.

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
        said = said_of_energies(pool, self._settings, pool.whole)
        whole = said.values[..., 0].mean(axis=0) if said.whole is None else said.whole
        length = np.linalg.norm(standardised(pool.features / per_atom(pool)[:, None]), axis=1, keepdims=True)

        def change(now: FloatArray) -> FloatArray:
            return expected_model_change(length, whole, now[..., 0])

        return spread_batch(pool, count, self._settings.flag_penalty, said, change)


def standardised(features: FloatArray) -> FloatArray:
    """Columns (n, d) with mean 0 and standard deviation 1; 0 where a column is the same for all."""
    features = features - features[0]  # exactly 0 in a column that is the same for all
    std = features.std(axis=0)
    centred: FloatArray = features - features.mean(axis=0)
    return centred / np.where(std > 0, std, 1.0)


_: type[Acquisition] = ExpectedModelChange
