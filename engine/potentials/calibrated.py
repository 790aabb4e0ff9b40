"""Standard deviations with a factor that is measured on labels that were held out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from engine.math import std_scale
from engine.protocols import FloatArray


@dataclass(frozen=True, eq=False)
class Calibrated:
    """What every fitted model shares.

    Attributes
    ----------
    z : (n_z,) errors of labels that were held out, over their standard deviations, oldest first
    """

    z: FloatArray = field(default_factory=lambda: np.empty(0), kw_only=True)

    @property
    def std_scale(self) -> float:
        """Measured factor of the standard deviations; 1 until there are 10 errors to measure it from."""
        return std_scale(self.z)

    def calibrated(self, z: FloatArray) -> Self:
        """The same with a scale measured from errors over their uncalibrated standard deviations."""
        return replace(self, z=np.asarray(z, dtype=float))
