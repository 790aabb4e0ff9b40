"""Rules that pick the proposals worth a reference calculation."""

from engine.acquisition.expected_improvement import ExpectedImprovement
from engine.acquisition.expected_model_change import ExpectedModelChange
from engine.acquisition.farthest_point import FarthestPoint
from engine.acquisition.high_entropy import HighEntropy
from engine.acquisition.highest_uncertainty import HighestUncertainty
from engine.acquisition.lower_confidence_bound import LowerConfidenceBound
from engine.acquisition.query_by_committee import QueryByCommittee
from engine.acquisition.random_choice import RandomChoice
from engine.acquisition.why import Why, explain

__all__ = [
    "ExpectedImprovement",
    "ExpectedModelChange",
    "FarthestPoint",
    "HighEntropy",
    "HighestUncertainty",
    "LowerConfidenceBound",
    "QueryByCommittee",
    "RandomChoice",
    "Why",
    "explain",
]
