"""A structure so like one whose reference calculation failed that its own would fail too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.checks.duplicate import relative_distance
from engine.config import ChecksSettings
from engine.protocols import Flag, FloatArray, Known

NEAR = 3.0
"""How much farther apart than duplicates two structures may be to be taken for neighbours."""


def quarantine(
    energy: float, features: FloatArray, failed: Sequence[Known], settings: ChecksSettings
) -> Flag | None:
    """Return a flag that names the nearest of the failed ones, or None if none is near.

    Parameters
    ----------
    energy : of the universal potential, eV
    features : (d,) summed descriptor
    failed : candidates in quarantine
    settings : how far apart duplicates are
    """
    window, limit = NEAR * settings.duplicate_energy, NEAR * settings.duplicate_distance
    near = [known for known in failed if abs(known.energy - energy) <= window]
    if not near:
        return None
    distance = relative_distance(features, np.array([known.features for known in near]))
    nearest = int(distance.argmin())
    if distance[nearest] > limit:
        return None
    return Flag("quarantine", f"like {near[nearest].candidate}, whose reference calculation failed")
