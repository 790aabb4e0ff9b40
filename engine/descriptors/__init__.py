"""Local descriptors of atoms, for clusters and periodic structures; `acsf` needs torch: import it by name."""

from engine.descriptors.geometry_histograms import angle_histogram, distance_histogram
from engine.descriptors.pairs import Pairs, all_pairs, neighbours
from engine.descriptors.soap import SOAP, Environments

__all__ = [
    "SOAP",
    "Environments",
    "Pairs",
    "acsf",
    "all_pairs",
    "angle_histogram",
    "distance_histogram",
    "neighbours",
]
