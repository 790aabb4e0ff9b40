"""The papers' formulas: arrays in, arrays out."""

from engine.math.calibration import Reliability, reliability_curve, std_scale
from engine.math.comparison import is_worse
from engine.math.entropy import entropy_bias, entropy_std, gaussian_entropy
from engine.math.gaussian_process import (
    factorise,
    force_rows,
    solve,
    squared_exponential,
    std_and_slope,
    summed_kernel,
    variance,
    whitening,
)
from engine.math.label_noise import label_noise_targets
from engine.math.replica_exchange import adapted, geometric_ladder, swap_neighbours, swap_probability
from engine.math.sampling import distinct_points, farthest_points, leverage_points, leverage_scores

__all__ = [
    "Reliability",
    "adapted",
    "distinct_points",
    "entropy_bias",
    "entropy_std",
    "factorise",
    "farthest_points",
    "force_rows",
    "gaussian_entropy",
    "geometric_ladder",
    "is_worse",
    "label_noise_targets",
    "leverage_points",
    "leverage_scores",
    "reliability_curve",
    "solve",
    "squared_exponential",
    "std_and_slope",
    "std_scale",
    "summed_kernel",
    "swap_neighbours",
    "swap_probability",
    "variance",
    "whitening",
]
