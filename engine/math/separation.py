"""What tells a class apart by one number: thresholds, and whether chance alone would find as good ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

CONFIDENCE = 1.645  # standard deviations: one-sided, 95 %
SHUFFLES = 999
FEWEST = 4
"""Members of the class on the far side of a threshold, below which nothing is said."""


@dataclass(frozen=True, eq=False)
class Separation:
    """A threshold of one feature.

    Attributes
    ----------
    feature : its column
    side : where the class lies
    limit : the threshold, as short a number as lies in the gap
    inside : (n,) what lies beyond it
    hits : of those, members of the class
    precision : lower 95 % bound of the part that are members (Wilson)
    p : how often a random class of the same size is told apart as well, by any feature on any side
    gap : between the two sides, in standard deviations of the feature
    """

    feature: int
    side: Literal["below", "above"]
    limit: float
    inside: NDArray[np.bool_]
    hits: int
    precision: float
    p: float
    gap: float


def wilson_lower(hits: ArrayLike, n: ArrayLike, z: float = CONFIDENCE) -> FloatArray:
    """Lower bound of a proportion, (p + z²/2n − z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), p = hits/n.

    Wilson, J. Am. Stat. Assoc. 22, 209 (1927).

    Parameters
    ----------
    hits, n : (...) counts, n at least 1
    z : standard deviations of the bound
    """
    n = np.asarray(n, dtype=float)
    p = np.asarray(hits, dtype=float) / n
    spread = np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    bound: FloatArray = (p + z**2 / (2 * n) - z * spread) / (1 + z**2 / n)
    return bound


def separations(values: ArrayLike, member: ArrayLike, level: float = 0.05) -> list[Separation]:
    """Thresholds beyond which most are members of a class, best first; at most two a feature.

    Of all thresholds of a feature and side the one of the highest `wilson_lower` precision counts, with
    at least `FEWEST` members beyond it. It is told if the bound is above one half and above the class's part
    of all, and if the best threshold of any feature is as good in fewer than `level` of `SHUFFLES` shuffled
    classes: the single-step max-statistic of Westfall and Young (1993), by which a look at many features and
    thresholds finds no more by chance than a look at one.

    Parameters
    ----------
    values : (n, d) features, nan where one was not measured
    member : (n,) the class

    Raises
    ------
    ValueError
        if the shapes are others
    """
    values, member = np.asarray(values, dtype=float), np.asarray(member, dtype=bool)
    if values.ndim != 2 or member.shape != values.shape[:1]:
        raise ValueError(f"(n, d) values and (n,) members, got {values.shape} and {member.shape}")
    if member.sum() < FEWEST or member.all():
        return []
    rng = np.random.default_rng(0)  # the same decisions always suggest the same
    classes = np.array([member, *(rng.permutation(member) for _ in range(SHUFFLES))])
    by_chance = np.zeros(SHUFFLES)
    best: list[Separation] = []
    for feature in range(values.shape[1]):
        for sign in (1, -1):
            order, ends = _steps(sign * values[:, feature])
            if not len(ends):
                continue
            hits = np.cumsum(classes[:, order], axis=1)[:, ends - 1]
            bound = np.where(hits >= FEWEST, wilson_lower(hits, ends), 0.0)
            by_chance = np.maximum(by_chance, bound[1:].max(axis=1))
            k = int(bound[0].argmax())
            inside = np.isin(np.arange(len(member)), order[: ends[k]])
            edge, beyond = values[order[ends[k] - 1 : ends[k] + 1], feature]
            best.append(
                Separation(
                    feature=feature,
                    side="below" if sign > 0 else "above",
                    limit=short_number(edge, beyond),
                    inside=inside,
                    hits=int(hits[0, k]),
                    precision=float(bound[0, k]),
                    p=1.0,
                    gap=float(abs(beyond - edge) / np.nanstd(values[:, feature])),
                )
            )
    told = [replace(one, p=_p_value(by_chance, one.precision)) for one in best]
    told = [one for one in told if one.precision > max(0.5, member.mean()) and one.p < level]
    return sorted(told, key=lambda one: (-one.precision, -one.gap))


def _p_value(by_chance: FloatArray, bound: float) -> float:
    """How often chance reaches a bound; the decisions themselves are one of the draws."""
    return float((1 + (by_chance >= bound).sum()) / (1 + len(by_chance)))


def _steps(values: FloatArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows by rising value, those without one last, and how many lie before each place where it rises."""
    order = np.argsort(values, kind="stable")
    rising = np.diff(values[order]) > 0
    return order, np.nonzero(rising)[0] + 1


def short_number(inside: float, outside: float) -> float:
    """The number of fewest digits between two values, nearest to their middle; it may be the outer one."""
    middle = (inside + outside) / 2
    low, high = min(inside, outside), max(inside, outside)
    for digits in range(-3, 9):
        number = round(middle, digits)
        if low <= number <= high and number != inside:
            return float(number)
    return float(middle)
