"""Where what the members say has the largest entropy (Nonaka, Liu, Jia, Hirotani, WCCM 2026)."""

from __future__ import annotations

import numpy as np

from engine.acquisition.spread import Said, said_of_energies, spread_batch
from engine.config import SelectionSettings
from engine.math import gaussian_entropy, joint_entropy
from engine.protocols import Acquisition, FloatArray, Pick, Pool


class HighEntropy:
    """Utility h, the Gaussian entropy of the members' energies per atom (nat), given the picks before.

    h is in units of the target accuracy: ½ ln 2πe ≈ 1.419 is on target. For this one response the order of h
    *is* the order of σ; another order comes only from several responses together: where the pool has them,
    h is their joint entropy, each in units of its own target.

    Parameters
    ----------
    settings : the target accuracy of an energy (`entropy_target`, eV), which is also what a label gives, and
        what flags are worth (eV)
    """

    def __init__(self, settings: SelectionSettings) -> None:
        self._settings = settings

    def select(self, pool: Pool, count: int, rng: np.random.Generator) -> list[Pick]:  # noqa: ARG002
        """Return at most `count` picks, best first; nothing is random here."""
        if len(pool.energy) == 0:
            return []
        if pool.responses is None or pool.scales is None:
            said = said_of_energies(pool, self._settings)
        else:
            said = Said(pool.responses, pool.scales)

        def entropy(now: FloatArray) -> FloatArray:
            if now.shape[2] == 1:
                return gaussian_entropy(now[..., 0], float(said.noise[0]))
            return joint_entropy(now, said.noise)

        return spread_batch(pool, count, self._settings.flag_penalty, said, entropy)


_: type[Acquisition] = HighEntropy
