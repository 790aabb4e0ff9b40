"""What the members of an ensemble say about one number, and how far they are from agreeing on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.math.entropy import entropy_bias, entropy_std, gaussian_entropy


@dataclass(frozen=True)
class Distribution:
    """The members' values of one property.

    Attributes
    ----------
    values : (M,) in the property's unit; nan of members that have none
    mean, std : of those that are finite, std over M − 1
    entropy : Gaussian entropy against a target accuracy, corrected for the bias of few members (nat);
        ½ ln(2πe) ≈ 1.419 means "on target"
    entropy_std : standard deviation of that entropy (nat)
    """

    values: NDArray[np.float64]
    mean: float
    std: float
    entropy: float
    entropy_std: float


def distribution(values: ArrayLike, target: float) -> Distribution:
    """Mean, spread and entropy of `values` (M ≥ 2,) against the accuracy `target`, in their unit.

    With fewer than two finite values all four are nan; members that agree have the floor's entropy.

    Raises
    ------
    ValueError
        if there are fewer than 2 members, or the target is not positive
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"a distribution needs at least 2 members, got values of shape {values.shape}")
    finite = values[np.isfinite(values)]
    count = len(finite)
    if count < 2:
        gaussian_entropy([0.0, 0.0], target)  # refuses a target that is not positive
        return Distribution(values, np.nan, np.nan, np.nan, np.nan)
    entropy = float(gaussian_entropy(finite, target)) - entropy_bias(count)
    return Distribution(values, float(finite.mean()), float(finite.std(ddof=1)), entropy, entropy_std(count))
