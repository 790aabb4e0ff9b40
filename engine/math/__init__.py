"""The papers' formulas: arrays in, arrays out."""

from engine.math.calibration import Reliability, reliability_curve, std_scale
from engine.math.committee import condition, expected_model_change, query_by_committee
from engine.math.comparison import is_worse
from engine.math.data_entropy import (
    data_entropy,
    differential_entropy,
    displacement_bandwidth,
    entropy_growth,
    overlap,
    sampled_data_entropy,
)
from engine.math.elasticity import (
    AMPLITUDES,
    CUBIC,
    HEXAGONAL,
    ElasticConstants,
    averaged,
    elastic_constants,
    strain_tensor,
    strains,
    voigt_reuss_hill,
    voigt_strain,
)
from engine.math.entropy import entropy_bias, entropy_std, gaussian_entropy, joint_entropy
from engine.math.equation_of_state import EquationOfState, birch_murnaghan, fit_birch_murnaghan
from engine.math.gaussian_process import (
    factorise,
    force_rows,
    kernel_slope,
    solve,
    squared_exponential,
    std_weights,
    summed_kernel,
    variance,
    whitening,
)
from engine.math.histogram import sturges
from engine.math.label_noise import label_noise_targets
from engine.math.learning import LabelsSaved, bootstrap_band, labels_saved, labels_to_reach
from engine.math.power_spectrum import (
    Expansion,
    RadialBasis,
    coefficient_gradients,
    degree_factor,
    expand,
    pair_gradients,
    power_spectrum,
)
from engine.math.replica_exchange import adapted, geometric_ladder, swap_neighbours, swap_probability
from engine.math.sampling import distinct_points, farthest_points, leverage_points, leverage_scores
from engine.math.solid_harmonics import gradient_matrix, solid_harmonics
from engine.math.survival import SuccessCurve, holm, log_rank, restricted_mean, success_curve
from engine.math.viability import energy_probability, force_uncertainty, uncertainty_probability

__all__ = [
    "AMPLITUDES",
    "CUBIC",
    "HEXAGONAL",
    "ElasticConstants",
    "EquationOfState",
    "Expansion",
    "LabelsSaved",
    "RadialBasis",
    "Reliability",
    "SuccessCurve",
    "adapted",
    "averaged",
    "birch_murnaghan",
    "bootstrap_band",
    "coefficient_gradients",
    "condition",
    "data_entropy",
    "degree_factor",
    "differential_entropy",
    "displacement_bandwidth",
    "distinct_points",
    "elastic_constants",
    "energy_probability",
    "entropy_bias",
    "entropy_growth",
    "entropy_std",
    "expand",
    "expected_model_change",
    "factorise",
    "farthest_points",
    "fit_birch_murnaghan",
    "force_rows",
    "force_uncertainty",
    "gaussian_entropy",
    "geometric_ladder",
    "gradient_matrix",
    "holm",
    "is_worse",
    "joint_entropy",
    "kernel_slope",
    "label_noise_targets",
    "labels_saved",
    "labels_to_reach",
    "leverage_points",
    "leverage_scores",
    "log_rank",
    "overlap",
    "pair_gradients",
    "power_spectrum",
    "query_by_committee",
    "reliability_curve",
    "restricted_mean",
    "sampled_data_entropy",
    "solid_harmonics",
    "solve",
    "squared_exponential",
    "std_scale",
    "std_weights",
    "strain_tensor",
    "strains",
    "sturges",
    "success_curve",
    "summed_kernel",
    "swap_neighbours",
    "swap_probability",
    "uncertainty_probability",
    "variance",
    "voigt_reuss_hill",
    "voigt_strain",
    "whitening",
]
