"""How an error falls with the number of labels, and how many more a target takes.

Power laws of learning curves: Cortes, Jackel, Solla, Vapnik, Denker, NeurIPS 6 (1994), 327: a + b n^−c.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

FEWEST_POINTS = 5
"""Errors at fewer numbers of labels say nothing of a curve with three parameters."""
FARTHEST = 10.0
"""A forecast further than this many times the labels at hand is no forecast."""
WIDEST = 6.0
"""A band whose ends differ by more than this factor is no forecast."""

_FLOORS = np.linspace(0.0, 0.98, 50)  # part of the last error that no label takes away
_NO_FLOOR = 0.3  # probability, before any datum, that there is none
_EXPONENTS = np.geomspace(0.1, 3.0, 60)
_LEVELS = (np.arange(21) + 0.5) / 21  # of the distribution of the amplitude
_HUBER = 2.5  # standard deviations from which an error counts less


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """Error as a + b n^−c, and how well the data fix it: curves with their probabilities.

    Attributes
    ----------
    floor, amplitude, exponent : a, b (unit of the error) and c that fit best
    labels : largest number of labels that was fitted
    floors, amplitudes, exponents, weights : (n_curves,) those that the data allow; weights add up to 1
    """

    floor: float
    amplitude: float
    exponent: float
    labels: float
    floors: FloatArray
    amplitudes: FloatArray
    exponents: FloatArray
    weights: FloatArray

    def error(self, labels: ArrayLike) -> FloatArray:
        """Best-fitting error at these numbers of labels."""
        n = np.asarray(labels, dtype=float)
        error: FloatArray = self.floor + self.amplitude * n**-self.exponent
        return error

    def band(self, labels: ArrayLike, level: float = 0.9) -> tuple[FloatArray, FloatArray]:
        """Ends of the interval that holds the curve with probability `level`, at each number of labels."""
        n = np.atleast_1d(np.asarray(labels, dtype=float))
        errors = self.floors + self.amplitudes * n[:, None] ** -self.exponents
        ends = [_quantiles(row, self.weights, [(1 - level) / 2, (1 + level) / 2]) for row in errors]
        low, high = np.array(ends).T
        return low, high


@dataclass(frozen=True)
class Forecast:
    """Labels still to come until the error is on target.

    Attributes
    ----------
    low, median, high : more labels, or None where it cannot be told
    reason : why it cannot be told, or empty
    """

    low: int | None = None
    median: int | None = None
    high: int | None = None
    reason: str = ""

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"cannot tell: {self.reason}"
        if self.high == 0:
            return "on target"
        if self.low == self.high:
            return f"about {self.high} more labels"
        return f"about {self.low}–{self.high} more labels"


def fit_learning_curve(labels: ArrayLike, error: ArrayLike) -> LearningCurve:
    """Fit a + b n^−c to the logarithm of errors, robustly, and weigh all curves that the data allow.

    Best is the curve of least soft-ℓ1 loss. Outliers then count less, by Huber's weights, and floors and
    exponents on a grid get the probability that the data give them under normal deviations of log error of
    unknown size: SSR^(−(N−1)/2), with the amplitude's Student distribution about each.

    Parameters
    ----------
    labels : (N ≥ 5,) numbers of labels, at least 5 different ones
    error : (N,) of models fitted to so many, on a set that stays the same

    Raises
    ------
    ValueError
        if there are too few, or a number is not positive
    """
    from scipy.stats import t as student

    n, e = np.asarray(labels, dtype=float), np.asarray(error, dtype=float)
    if n.shape != e.shape or n.ndim != 1:
        raise ValueError(f"labels {n.shape} and errors {e.shape} do not fit: (N,) and (N,) are needed")
    if len(np.unique(n)) < FEWEST_POINTS:
        raise ValueError(
            f"a learning curve needs errors at {FEWEST_POINTS} numbers of labels, got {len(np.unique(n))}"
        )
    if not (np.isfinite(n) & np.isfinite(e) & (n > 0) & (e > 0)).all():
        raise ValueError("numbers of labels and errors must be positive")
    last = float(n.max())
    floor, exponent, amplitude = _best(n / last, np.log(e))
    best = np.log(_shape(n / last, floor, exponent)) + amplitude
    weight = _huber_weights(np.log(e) - best)
    floors, exponents = (a.ravel() for a in np.meshgrid(_FLOORS, _EXPONENTS, indexing="ij"))
    off = np.log(e) - np.log(_shape(n / last, floors[:, None], exponents[:, None]))
    count = weight.sum()
    middle = off @ weight / count
    ssr = np.maximum((off - middle[:, None]) ** 2 @ weight, 1e-12)
    log_p = np.log(np.where(floors > 0, (1 - _NO_FLOOR) / (len(_FLOORS) - 1), _NO_FLOOR))
    log_p -= 0.5 * (count - 1) * np.log(ssr)
    p = np.exp(log_p - log_p.max())
    kept = p > 1e-6
    spread = np.sqrt(ssr[kept] / (count - 1) / count)
    scale = np.exp(middle[kept, None] + spread[:, None] * student.ppf(_LEVELS, count - 1)).ravel()
    floors, exponents, p = (np.repeat(a[kept], len(_LEVELS)) for a in (floors, exponents, p))
    size = float(np.exp(amplitude))
    return LearningCurve(
        floor=size * floor,
        amplitude=size * (1 - floor) * last**exponent,
        exponent=exponent,
        labels=last,
        floors=scale * floors,
        amplitudes=scale * (1 - floors) * last**exponents,
        exponents=exponents,
        weights=p / p.sum(),
    )


def forecast(curve: LearningCurve, target: float, level: float = 0.9) -> Forecast:
    """Labels that are still missing until the error is `target`, with a band; or why that cannot be told.

    Parameters
    ----------
    curve : of `fit_learning_curve`
    target : in the unit of the error
    level : probability that the band holds the number

    Raises
    ------
    ValueError
        if the target is not positive
    """
    if not target > 0:
        raise ValueError(f"a target error must be positive, got {target}")
    need = _labels_until(curve, target)
    low, median, high = _quantiles(need, curve.weights, [(1 - level) / 2, 0.5, (1 + level) / 2])
    if not np.isfinite(high):
        likely = float(curve.weights[~np.isfinite(need)].sum())
        floor = f"{likely:.0%} of the curves that fit never reach it" if likely < 0.995 else "no curve does"
        return Forecast(reason=f"the error may level off above the target ({floor})")
    if high > FARTHEST * curve.labels:
        return Forecast(reason=f"that is more than {FARTHEST:.0f} times the labels there are")
    low, median, high = (max(0.0, value - curve.labels) for value in (low, median, high))
    if curve.labels + high > WIDEST * (curve.labels + low):
        return Forecast(reason=f"anything from {low:.0f} to {high:.0f} more labels fits what is known")
    return Forecast(int(np.floor(low)), round(median), int(np.ceil(high)))


def _labels_until(curve: LearningCurve, target: float) -> FloatArray:
    """Labels at which each possible curve crosses the target; inf where it does not."""
    above = target - curve.floors
    reached = above > 0
    need = np.full(len(above), np.inf)
    with np.errstate(over="ignore"):
        need[reached] = (above[reached] / curve.amplitudes[reached]) ** (-1 / curve.exponents[reached])
    return need


def _shape(n: FloatArray, floor: ArrayLike, exponent: ArrayLike) -> FloatArray:
    """Error over the one at n = 1, α + (1 − α) n^−c."""
    floor = np.asarray(floor, dtype=float)
    shape: FloatArray = floor + (1 - floor) * n ** -np.asarray(exponent, dtype=float)
    return shape


def _best(n: FloatArray, log_error: FloatArray) -> tuple[float, float, float]:
    """α, c and the logarithm of the error at n = 1 that fit best, from several starts."""
    from scipy.optimize import least_squares

    scale = max(1e-3, 0.1 * float(log_error.std()))

    def off(x: FloatArray) -> FloatArray:
        residuals: FloatArray = np.log(_shape(n, x[0], x[1])) + x[2] - log_error
        return residuals

    bounds = ([0.0, 0.0, -np.inf], [1.0, _EXPONENTS[-1], np.inf])
    starts = [(a, c, float(log_error[n.argmax()])) for a in (0.05, 0.6) for c in (0.3, 1.2)]
    found = [least_squares(off, start, bounds=bounds, loss="soft_l1", f_scale=scale) for start in starts]
    alpha, c, size = min(found, key=lambda result: float(result.cost)).x
    return float(alpha), float(c), float(size)


def _huber_weights(residuals: FloatArray) -> FloatArray:
    freedom = len(residuals) / max(len(residuals) - 3, 1)  # three parameters were fitted
    sigma = 1.4826 * float(np.median(np.abs(residuals))) * np.sqrt(freedom)
    far = np.abs(residuals) > _HUBER * sigma
    weights = np.ones(len(residuals))
    if sigma > 0:
        weights[far] = _HUBER * sigma / np.abs(residuals[far])
    return weights


def _quantiles(values: FloatArray, weights: FloatArray, levels: list[float]) -> FloatArray:
    order = np.argsort(values)
    at = np.searchsorted(np.cumsum(weights[order]), levels)
    return values[order][np.minimum(at, len(values) - 1)]
