"""How many bins a histogram has, and what lies beyond its bulk."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def sturges(n: int) -> int:
    """Bins for `n` values, ⌈log2 n + 1⌉ (Sturges, J. Am. Stat. Assoc. 21, 65 (1926)).

    Raises
    ------
    ValueError
        if there is no value
    """
    if n < 1:
        raise ValueError(f"a histogram needs at least one value, got {n}")
    return math.ceil(math.log2(n) + 1)


def upper_fence(values: ArrayLike) -> float:
    """Q3 + 1.5 (Q3 − Q1): what lies above is an outlier (Tukey, *Exploratory Data Analysis*, 1977).

    Parameters
    ----------
    values : (n,), quartiles by linear interpolation

    Raises
    ------
    ValueError
        if there is no value
    """
    values = np.asarray(values, dtype=float)
    if not values.size:
        raise ValueError("an upper fence needs at least one value")
    low, high = np.percentile(values, [25, 75])
    return float(high + 1.5 * (high - low))
