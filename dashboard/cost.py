"""What a label will cost, from what the labels so far have cost. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.words import age

ALIKE = 0.25
"""Sizes are similar that differ by at most this part of the candidate's."""
ENOUGH = 5
"""Fewer labels have no 10–90 % that means anything."""


@dataclass(frozen=True)
class Cost:
    """Core-seconds of labels: the median, and the 10th and 90th percentile.

    Attributes
    ----------
    count : labels it was taken from
    smallest, largest : of their numbers of atoms
    """

    median: float
    low: float
    high: float
    count: int
    smallest: int
    largest: int


def cost(core_seconds: Sequence[float], n_atoms: Sequence[int], size: int) -> Cost | None:
    """Estimate from labels of similar size, or from all where there are fewer than `ENOUGH` of those.

    Parameters
    ----------
    core_seconds : (n,) of each label
    n_atoms : (n,) of each label
    size : atoms of the candidate

    Returns
    -------
    None without a label
    """
    paid, sizes = np.asarray(core_seconds, dtype=float), np.asarray(n_atoms)
    if not len(paid):
        return None
    alike = np.abs(sizes - size) <= ALIKE * size
    if alike.sum() < ENOUGH:
        alike = np.ones(len(paid), dtype=bool)
    low, median, high = np.quantile(paid[alike], [0.1, 0.5, 0.9]).tolist()
    return Cost(median, low, high, int(alike.sum()), int(sizes[alike].min()), int(sizes[alike].max()))


def in_words(found: Cost | None) -> str:
    """The estimate in one line."""
    if found is None:
        return "not known before the first label"
    sizes = f"{found.smallest}" if found.smallest == found.largest else f"{found.smallest}–{found.largest}"
    labels = f"{found.count} label{'s' * (found.count > 1)} of {sizes} atoms"
    about = f"about {age(found.median)} on one core"
    if found.count < ENOUGH:
        return f"{about} (median of {labels})"
    return f"{about}; 80 % of {labels} took {age(found.low)} to {age(found.high)}"
