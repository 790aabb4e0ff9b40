"""Pure exploration: the largest uncertainty, whatever the energy."""

from __future__ import annotations

import numpy as np

from engine.acquisition.spread import energy_std, per_atom, said_of_energies, spread_batch
from engine.config import SelectionSettings
from engine.protocols import Acquisition, FloatArray, Pick, Pool


class HighestUncertainty:
    """Utility σ/N (eV/atom), times the part of the members' spread that the picks before leave.

    σ is the surrogate's, calibrated where that is; without one it is the members' over K − 1.

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
        std, before = energy_std(pool) / per_atom(pool), _spread(said.values)

        def left(now: FloatArray) -> FloatArray:
            return std * np.divide(_spread(now), before, out=np.ones_like(before), where=before > 0)

        return spread_batch(pool, count, self._settings.flag_penalty, said, left)


def _spread(values: FloatArray) -> FloatArray:
    spread: FloatArray = values[..., 0].std(axis=0, ddof=1)
    return spread


_: type[Acquisition] = HighestUncertainty
