"""Whether a curve of energy against volume has the right trend, beside the reference's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.math.equation_of_state import fit_near_minimum


@dataclass(frozen=True)
class TrendTolerance:
    """How far a curve may be from the reference's.

    Attributes
    ----------
    volume : of V0, relative: 1 % is a third of a percent of a lattice parameter
    bulk_modulus : of B0, relative
    """

    volume: float = 0.01
    bulk_modulus: float = 0.10


TOLERANCE = TrendTolerance()


def falls_and_rises(energy: ArrayLike) -> bool:
    """Whether energies, by rising volume, fall to one minimum between the ends and rise from there."""
    energy = np.asarray(energy, dtype=float)
    if not np.isfinite(energy).all():
        return False
    steps = np.diff(energy)
    lowest = int(np.count_nonzero(steps < 0))
    return bool(0 < lowest < len(steps) and (steps[:lowest] < 0).all() and (steps[lowest:] > 0).all())


def has_right_trend(
    volume: ArrayLike, energy: ArrayLike, reference: ArrayLike, tolerance: TrendTolerance = TOLERANCE
) -> bool:
    """Whether a curve has one minimum and no other bend back, and V0 and B0 near the reference's.

    V0 and B0 are those of Birch and Murnaghan near each curve's own minimum.

    Parameters
    ----------
    volume : (n,) Å³, rising
    energy : (n,) eV; one that is not finite is no trend
    reference : (n,) eV, the reference's own in the same volumes
    tolerance : how near

    Raises
    ------
    ValueError
        if the volumes do not rise, the shapes differ, or the reference itself does not fall and rise
    """
    volume, energy, reference = (np.asarray(values, dtype=float) for values in (volume, energy, reference))
    if not volume.shape == energy.shape == reference.shape or not (np.diff(volume) > 0).all():
        shapes = f"{volume.shape}, {energy.shape}, {reference.shape}"
        raise ValueError(f"volumes rise, and each has an energy of both curves: got {shapes}")
    own = fit_near_minimum(volume, reference)
    if own is None or not falls_and_rises(reference):
        raise ValueError("the reference's own energies have no minimum that they fall to and rise from")
    found = fit_near_minimum(volume, energy)
    if found is None or not falls_and_rises(energy):
        return False
    near_volume = abs(found.volume / own.volume - 1) <= tolerance.volume
    return bool(near_volume and abs(found.bulk_modulus / own.bulk_modulus - 1) <= tolerance.bulk_modulus)
