"""Local descriptors of atoms, for clusters and periodic structures."""

from engine.descriptors.images import fold_images, with_images
from engine.descriptors.soap import SOAP

__all__ = ["SOAP", "fold_images", "with_images"]
