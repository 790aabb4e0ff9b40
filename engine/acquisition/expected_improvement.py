"""Promise × uncertainty × diversity: the expected improvement of what is unlike the known.

Jones, Schonlau, Welch, J. Global Optim. 13, 455 (1998); for the walkers of a replica exchange instead of a
random draw of them (Pitfield, Christiansen, Hammer, PCCP 2026, arXiv 2507.18485).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from engine.acquisition.greedy import greedy_batch
from engine.config import SelectionSettings
from engine.protocols import Acquisition, FloatArray, Pick, Pool


class ExpectedImprovement:
    """Utility h(z) · σ · novelty − penalty · flags (eV), h(z) = zΦ(z) + φ(z), z = (E_min − E)/σ.

    h is the promise, from 0.4 at the lowest energy in the pool to 0 far above it; σ is calibrated by the
    labels so far. Where there is no uncertainty nothing is expected of any, and the lowest come first.

    Parameters
    ----------
    settings : what diversity is worth (eV), for the term that is shown, and flags (eV)
    """

    def __init__(self, settings: SelectionSettings) -> None:
        self._settings = settings

    def select(self, pool: Pool, count: int, rng: np.random.Generator) -> list[Pick]:  # noqa: ARG002
        """Return at most `count` picks, best first; nothing is random here."""
        if len(pool.energy) == 0:
            return []
        promise = pool.energy.min() - pool.energy
        std = np.zeros_like(promise) if pool.energy_std is None else pool.energy_std
        terms = {"promise": promise, "checks": -self._settings.flag_penalty * pool.n_flags.astype(float)}
        if pool.energy_std is not None:
            terms["uncertainty"] = std
        gain = expected_improvement(promise, std)
        weight = self._settings.diversity
        return greedy_batch(pool, count, weight, terms, lambda novelty: gain * novelty + terms["checks"])


def expected_improvement(mean: FloatArray, std: FloatArray) -> FloatArray:
    """E[max(0, x)] of normally distributed gains: σ(zΦ(z) + φ(z)) with z = mean/σ; max(0, mean) at σ = 0.

    Parameters
    ----------
    mean, std : (n,) of the gain over what is known (eV)
    """
    known = std <= 0
    z = mean / np.where(known, 1.0, std)
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return np.where(known, np.maximum(mean, 0.0), std * np.maximum(z * ndtr(z) + density, 0.0))


_: type[Acquisition] = ExpectedImprovement
