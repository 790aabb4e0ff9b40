"""How a campaign's error falls with its labels, and how many more its target takes: for a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.protocols import FloatArray

BEYOND = 3.0  # × the labels at hand: how far the curve is drawn, unless the target comes later
POINTS = 60


@dataclass(frozen=True, eq=False)
class Foreseen:
    """A fitted learning curve.

    Attributes
    ----------
    labels : (n,) rising, from the first fit on to beyond the last
    error, low, high : (n,) the curve and its 90 % band, in the unit of the errors
    words : labels that are still missing, or why that cannot be told; empty without a target
    """

    labels: FloatArray
    error: FloatArray
    low: FloatArray
    high: FloatArray
    words: str


def foresee(labels: Sequence[int], errors: Sequence[float], target: float) -> Foreseen | None:
    """Fit the learning curve; called in a worker.

    Parameters
    ----------
    labels, errors : (n,) of each fit, positive
    target : in the unit of the errors; 0 asks for none

    Returns
    -------
    None while there are too few numbers of labels for a curve
    """
    # with scipy's statistics, for which no page waits
    from engine.math import fit_learning_curve, forecast
    from engine.math.learning_curve import FEWEST_POINTS

    if len(set(labels)) < FEWEST_POINTS:
        return None
    curve = fit_learning_curve(labels, errors)
    words, last = "", BEYOND * curve.labels
    if target > 0:
        found = forecast(curve, target)
        words = str(found)
        last = max(last, curve.labels + (found.high or 0))
    across = np.geomspace(min(labels), last, POINTS)
    return Foreseen(across, curve.error(across), *curve.band(across), words)
