"""The same minimum, found again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.config import ChecksSettings
from engine.protocols import Check, Examined, Flag, FloatArray, Known


class Duplicate:
    """Flags a structure that repeats one proposed before: like energy, like summed SOAP vector.

    The distance is |x − x'| / |x|: it does not tell mirror images, rotations or the order of atoms apart.

    Parameters
    ----------
    settings : largest distance and energy difference (eV) of one minimum
    """

    def __init__(self, settings: ChecksSettings) -> None:
        self._settings = settings

    def __call__(self, examined: Examined) -> Flag | None:
        """Return a flag that names the nearest of those it repeats, or None."""
        return self.compare(examined.energy, examined.features, examined.known)

    def compare(self, energy: float, features: FloatArray, known: Sequence[Known]) -> Flag | None:
        """Return the same from an energy (eV) and features (d,) alone."""
        alike = [k for k in known if abs(k.energy - energy) <= self._settings.duplicate_energy]
        if not alike:
            return None
        distance = relative_distance(features, np.array([k.features for k in alike]))
        nearest = int(distance.argmin())
        if distance[nearest] > self._settings.duplicate_distance:
            return None
        other = alike[nearest]
        return Flag(
            "duplicate",
            f"the same minimum as {other.candidate}: {1e3 * abs(other.energy - energy):.1f} meV and "
            f"{100 * distance[nearest]:.2f} % of the SOAP vector apart",
        )


def relative_distance(features: FloatArray, others: FloatArray) -> FloatArray:
    """Distances |x − x'| / |x| of x (d,) to each x' of (n, d), (n,)."""
    length = float(np.linalg.norm(features))
    distance: FloatArray = np.linalg.norm(others - features, axis=1)
    return distance / length if length > 0 else distance


_: type[Check] = Duplicate
