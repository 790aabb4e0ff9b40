"""Rules that pick the proposals worth a reference calculation."""

from engine.acquisition.expected_improvement import ExpectedImprovement
from engine.acquisition.farthest_point import FarthestPoint
from engine.acquisition.lower_confidence_bound import LowerConfidenceBound
from engine.acquisition.random_choice import RandomChoice
from engine.acquisition.why import Why, explain

__all__ = ["ExpectedImprovement", "FarthestPoint", "LowerConfidenceBound", "RandomChoice", "Why", "explain"]
