"""Success curves: which part of the restarts has succeeded by when, if some were ended before they did.

Kaplan & Meier, J. Am. Stat. Assoc. 53, 457 (1958); Greenwood's variance with the log-log transform, Borgan &
Liestøl, Scand. J. Stat. 17, 35 (1990); the log-rank test, Mantel, Cancer Chemother. Rep. 50, 163 (1966).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.stats import CensoredData

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SuccessCurve:
    """A step function: the fraction that has succeeded by `cost`, with a pointwise confidence band.

    Attributes
    ----------
    cost : (n,) rising: 0, and every cost at which a restart succeeded or was ended
    fraction, low, high : (n,) from each cost on
    """

    cost: FloatArray
    fraction: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def known_until(self) -> float:
        """The cost up to which it is known; where all have succeeded it stays at one."""
        return float("inf") if self.fraction[-1] == 1 else float(self.cost[-1])

    @property
    def median(self) -> float | None:
        """The cost by which half have succeeded, or None if that was not reached."""
        return self._first(self.fraction)

    @property
    def median_band(self) -> tuple[float | None, float | None]:
        """The confidence interval of the median; None where the band does not reach a half."""
        return self._first(self.high), self._first(self.low)

    def _first(self, fraction: FloatArray) -> float | None:
        reached = np.flatnonzero(fraction >= 0.5)
        return float(self.cost[reached[0]]) if len(reached) else None


def success_curve(cost: FloatArray, succeeded: NDArray[np.bool_], confidence: float = 0.95) -> SuccessCurve:
    """One minus the Kaplan–Meier estimate; without censoring, the fraction that has succeeded.

    Parameters
    ----------
    cost : (n,) what each restart had cost when it succeeded, or when it was ended
    succeeded : (n,) false where it was ended before it did
    confidence : of the band, at each cost by itself
    """
    from scipy.stats import ecdf

    if not succeeded.any():
        ends = np.unique([0.0, *cost])
        # nobody of n: the rule of three, exactly
        most = 1 - (1 - confidence) ** (1 / len(cost))
        return SuccessCurve(ends, np.zeros(len(ends)), np.zeros(len(ends)), np.full(len(ends), most))
    cdf = ecdf(_censored(cost, succeeded)).cdf
    with warnings.catch_warnings():  # where none or all have succeeded the formula gives no band
        warnings.simplefilter("ignore", RuntimeWarning)
        band = cdf.confidence_interval(confidence, method="log-log")
    fraction = np.array([0.0, *cdf.probabilities])
    low, high = (np.array([0.0, *part.probabilities]) for part in (band.low, band.high))
    return SuccessCurve(
        cost=np.array([0.0, *cdf.quantiles]),
        fraction=fraction,
        low=np.fmax.accumulate(np.where(fraction == 0, 0.0, low)),  # what held before still does
        high=np.where(np.isnan(high), fraction, high),
    )


def log_rank(
    cost: FloatArray, succeeded: NDArray[np.bool_], other: FloatArray, other_succeeded: NDArray[np.bool_]
) -> float:
    """Two-sided p-value that both groups succeed at the same rate; 1 where nobody succeeded.

    Parameters
    ----------
    cost, succeeded : (n,) of one group, as in `success_curve`
    other, other_succeeded : (m,) of the other
    """
    from scipy.stats import logrank

    if not (succeeded.any() or other_succeeded.any()):
        return 1.0
    with np.errstate(invalid="ignore"):
        p = float(logrank(_censored(cost, succeeded), _censored(other, other_succeeded)).pvalue)
    return p if np.isfinite(p) else 1.0


def holm(p: FloatArray) -> FloatArray:
    """P-values of n comparisons, adjusted so that the chance of any false one keeps its level.

    Holm, Scand. J. Stat. 6, 65 (1979).
    """
    order = np.argsort(p)
    scaled = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(scaled, 1.0)
    return adjusted


def restricted_mean(curve: SuccessCurve, horizon: float) -> float:
    """Mean cost until success, counted up to `horizon`: the area above the curve."""
    edges = np.append(curve.cost[curve.cost < horizon], horizon)
    return float(np.sum((1 - curve.fraction[: len(edges) - 1]) * np.diff(edges)))


def _censored(cost: FloatArray, succeeded: NDArray[np.bool_]) -> CensoredData:
    from scipy.stats import CensoredData

    return CensoredData(uncensored=cost[succeeded], right=cost[~succeeded])
