"""Local descriptors of atoms, for clusters and periodic structures; `acsf` needs torch: import it by name."""

from engine.descriptors.images import fold_images, with_images
from engine.descriptors.soap import SOAP
from engine.descriptors.symmetry_functions import AngularGrid, SymmetryFunctions

__all__ = ["SOAP", "AngularGrid", "SymmetryFunctions", "acsf", "fold_images", "with_images"]
