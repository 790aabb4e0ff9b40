"""Committees of universal potentials, fine-tuned to a campaign's labels by the packages' own trainers."""

from engine.fine_tuning.labels import TrainingData
from engine.fine_tuning.tuning import Tuned, Tuning, fine_tune

__all__ = ["TrainingData", "Tuned", "Tuning", "fine_tune"]
