"""Whether a number grows: its slope with a band that noise of minutes does not narrow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import theilslopes

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Trend:
    """Slope per hour with the ends of its 95 % band, and the first and last level."""

    slope: float
    low: float
    high: float
    first: float
    last: float

    def grew(self, hours: float, by: float) -> bool:
        """Whether it grew by at least `by` in `hours`."""
        return self.slope * hours >= by


def trend(seconds: np.ndarray, values: np.ndarray, blocks: int) -> Trend:
    """Theil and Sen's slope through the medians of equal stretches of time.

    Parameters
    ----------
    seconds, values : (n,) samples
    blocks : number of stretches; samples within one depend on one another (a page opens, a page closes)
    """
    edges = np.linspace(seconds[0], seconds[-1], blocks + 1)
    block = np.clip(np.searchsorted(edges, seconds, side="right") - 1, 0, blocks - 1)
    kept = [k for k in range(blocks) if (block == k).any()]
    middle = np.array([seconds[block == k].mean() for k in kept]) / 3600
    level = np.array([np.median(values[block == k]) for k in kept])
    slope, _, low, high = theilslopes(level, middle, CONFIDENCE)
    return Trend(float(slope), float(low), float(high), float(level[0]), float(level[-1]))
