"""The papers' formulas: arrays in, arrays out."""

from engine.math.calibration import Reliability, reliability_curve, std_scale
from engine.math.committee import condition, expected_model_change, lower_bound_weights, query_by_committee
from engine.math.comparison import is_worse
from engine.math.data_entropy import (
    data_entropy,
    differential_entropy,
    displacement_bandwidth,
    entropy_growth,
    overlap,
    sampled_data_entropy,
)
from engine.math.disconnectivity import MergeTree, merge_tree, next_pairs, saddle_between
from engine.math.distribution import Distribution, distribution
from engine.math.elasticity import (
    AMPLITUDES,
    CUBIC,
    HEXAGONAL,
    TRICLINIC,
    ElasticConstants,
    averaged,
    elastic_constants,
    strain_tensor,
    strains,
    voigt_reuss_hill,
    voigt_strain,
)
from engine.math.entropy import entropy_bias, entropy_std, gaussian_entropy, joint_entropy
from engine.math.equation_of_state import (
    GPA,
    EquationOfState,
    birch_murnaghan,
    fit_birch_murnaghan,
    fit_near_minimum,
)
from engine.math.exploration import acceptance_band, exploration_settled
from engine.math.feature_distributions import (
    FeatureScale,
    dead_descriptors,
    principal_component_count,
    violin,
    wasserstein_distances,
)
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
from engine.math.harmonic import anharmonicity, anharmonicity_of_atoms, harmonic_forces
from engine.math.histogram import sturges, upper_fence
from engine.math.jumps import jump_scores, jumps
from engine.math.label_noise import label_noise_targets
from engine.math.learning import LabelsSaved, bootstrap_band, labels_saved, labels_to_reach
from engine.math.learning_curve import Forecast, LearningCurve, fit_learning_curve, forecast
from engine.math.matching import Match, match_atoms, match_periodic
from engine.math.minima import SAME_DISTANCE, SAME_ENERGY, Basins, Minimum, best_energy, lowest
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
from engine.math.responses import ResponseScales, responses
from engine.math.sampling import distinct_points, farthest_points, leverage_points, leverage_scores
from engine.math.separation import Separation, separations, short_number, wilson_lower
from engine.math.solid_harmonics import gradient_matrix, solid_harmonics
from engine.math.states import StateClass, aligned, mean_lifetime, state_class
from engine.math.survival import SuccessCurve, holm, log_rank, restricted_mean, success_curve
from engine.math.symmetry_curves import angular_curve, cosine_cutoff, radial_curve
from engine.math.veto_likelihood import VetoLikelihood, veto_likelihood
from engine.math.viability import (
    energy_edge,
    energy_probability,
    force_uncertainty,
    uncertainty_probability,
)
from engine.math.volume_trend import TrendTolerance, falls_and_rises, has_right_trend

__all__ = [
    "AMPLITUDES",
    "CUBIC",
    "GPA",
    "HEXAGONAL",
    "SAME_DISTANCE",
    "SAME_ENERGY",
    "TRICLINIC",
    "Basins",
    "Distribution",
    "ElasticConstants",
    "EquationOfState",
    "Expansion",
    "FeatureScale",
    "Forecast",
    "LabelsSaved",
    "LearningCurve",
    "Match",
    "MergeTree",
    "Minimum",
    "RadialBasis",
    "Reliability",
    "ResponseScales",
    "Separation",
    "StateClass",
    "SuccessCurve",
    "TrendTolerance",
    "VetoLikelihood",
    "acceptance_band",
    "adapted",
    "aligned",
    "angular_curve",
    "anharmonicity",
    "anharmonicity_of_atoms",
    "averaged",
    "best_energy",
    "birch_murnaghan",
    "bootstrap_band",
    "coefficient_gradients",
    "condition",
    "cosine_cutoff",
    "data_entropy",
    "dead_descriptors",
    "degree_factor",
    "differential_entropy",
    "displacement_bandwidth",
    "distinct_points",
    "distribution",
    "elastic_constants",
    "energy_edge",
    "energy_probability",
    "entropy_bias",
    "entropy_growth",
    "entropy_std",
    "expand",
    "expected_model_change",
    "exploration_settled",
    "factorise",
    "falls_and_rises",
    "farthest_points",
    "fit_birch_murnaghan",
    "fit_learning_curve",
    "fit_near_minimum",
    "force_rows",
    "force_uncertainty",
    "forecast",
    "gaussian_entropy",
    "geometric_ladder",
    "gradient_matrix",
    "harmonic_forces",
    "has_right_trend",
    "holm",
    "is_worse",
    "joint_entropy",
    "jump_scores",
    "jumps",
    "kernel_slope",
    "label_noise_targets",
    "labels_saved",
    "labels_to_reach",
    "leverage_points",
    "leverage_scores",
    "log_rank",
    "lower_bound_weights",
    "lowest",
    "match_atoms",
    "match_periodic",
    "mean_lifetime",
    "merge_tree",
    "next_pairs",
    "overlap",
    "pair_gradients",
    "power_spectrum",
    "principal_component_count",
    "query_by_committee",
    "radial_curve",
    "reliability_curve",
    "responses",
    "restricted_mean",
    "saddle_between",
    "sampled_data_entropy",
    "separations",
    "short_number",
    "solid_harmonics",
    "solve",
    "squared_exponential",
    "state_class",
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
    "upper_fence",
    "variance",
    "veto_likelihood",
    "violin",
    "voigt_reuss_hill",
    "voigt_strain",
    "wasserstein_distances",
    "whitening",
    "wilson_lower",
]
