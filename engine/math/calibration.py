"""Whether an uncertainty is as large as the errors: one scale factor, and the reliability curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

FloatArray = NDArray[np.float64]

CALIBRATION_LABELS = 10
"""Fewer errors than these say too little: the scale is then 1."""

CALIBRATION_WINDOW = 50
"""Newest errors that count, for the scale drifts as the training set grows."""


def std_scale(z: FloatArray) -> float:
    """Factor that makes standard deviations as large as the errors: √mean(z²) of the newest 50.

    The cross-validation estimate of a Gaussian process's variance (Bachoc, Comput. Stat. Data Anal. 66, 55
    (2013)), which leaves its mean unchanged; its relative error is 1/√(2n). 1 below 10 errors.

    Parameters
    ----------
    z : (n,) errors of predictions that had not seen the truth, over their standard deviations, oldest first
    """
    newest = z[-CALIBRATION_WINDOW:]
    return 1.0 if len(newest) < CALIBRATION_LABELS else float(np.sqrt(np.mean(newest**2)))


@dataclass(frozen=True, eq=False)
class Reliability:
    """A reliability curve: k against fractions of errors within k standard deviations.

    Attributes
    ----------
    k : (n_k,)
    expected : (n_k,) of normal errors, erf(k / √2)
    observed : (n_k,)
    low, high : (n_k,) where 95 % of the observed fractions lie if the uncertainty is right
    """

    k: FloatArray
    expected: FloatArray
    observed: FloatArray
    low: FloatArray
    high: FloatArray


def reliability_curve(z: FloatArray, k: FloatArray | None = None, level: float = 0.95) -> Reliability:
    """Fraction of errors within k σ, expected and observed, with the binomial band of n errors.

    Parameters
    ----------
    z : (n,) n ≥ 1 errors over their standard deviations
    k : (n_k,) multiples of σ; default 0.1 … 3
    level : share of the band
    """
    from scipy.stats import binom  # takes as long to import as the rest of the engine

    if len(z) == 0:
        raise ValueError("a reliability curve needs at least one error")
    k = np.linspace(0.1, 3.0, 30) if k is None else k
    expected = erf(k / np.sqrt(2))
    low, high = binom.interval(level, len(z), expected)
    observed = (np.abs(z) <= k[:, None]).mean(axis=1)
    return Reliability(k, expected, observed, low / len(z), high / len(z))
