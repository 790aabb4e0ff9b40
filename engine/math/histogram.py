"""How many bins a histogram has."""

from __future__ import annotations

import math


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
