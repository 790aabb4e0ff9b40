"""How descriptors are distributed in groups of structures, descriptor by descriptor and all together.

Violins after Hintze and Nelson, Am. Stat. 52, 181 (1998); beside them what violins hide: how far two groups
are apart, descriptors that never move, and in how many directions the points really spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

DEAD_STD = 1e-6
"""Standard deviation, in the descriptor's own unit, below which it says nothing."""


@dataclass(frozen=True, eq=False)
class FeatureScale:
    """Zero and unit of each descriptor, from a reference set that stays the same while groups change.

    Attributes
    ----------
    mean, std : (d,) of the reference set
    """

    mean: FloatArray
    std: FloatArray

    @classmethod
    def of(cls, features: ArrayLike) -> FeatureScale:
        """Mean and standard deviation of a reference set (n, d).

        Raises
        ------
        ValueError
            if there is nothing, or a feature is not finite
        """
        features = _points(features)
        return cls(features.mean(axis=0), features.std(axis=0))

    @property
    def dead(self) -> NDArray[np.bool_]:
        """(d,) descriptors that do not move in the reference set."""
        return dead_descriptors(self.std)

    def apply(self, features: ArrayLike) -> FloatArray:
        """Features in standard deviations from the reference's mean, (n, d); those of dead descriptors are 0.

        Raises
        ------
        ValueError
            if they are not of the reference's length
        """
        features = _points(features)
        if features.shape[1] != len(self.mean):
            raise ValueError(f"{features.shape[1]} features, but the reference has {len(self.mean)}")
        return np.where(self.dead, 0.0, (features - self.mean) / np.where(self.dead, 1.0, self.std))


def dead_descriptors(std: ArrayLike) -> NDArray[np.bool_]:
    """Descriptors whose standard deviations (d,) are below `DEAD_STD`."""
    dead: NDArray[np.bool_] = np.asarray(std, dtype=float) < DEAD_STD
    return dead


def violin(values: ArrayLike, grid: ArrayLike) -> FloatArray:
    """Outline of a violin: density of values on an even grid, smoothed by a Gaussian.

    The width is Silverman's, 0.9 min(s, IQR/1.34) n^−1/5 (Density Estimation, 1986, eq. 3.31), at least one
    step of the grid, so that a group of one value has a narrow spike. Time goes as n, memory as the grid.

    Parameters
    ----------
    values : (n ≥ 1,)
    grid : (n_grid ≥ 2,) evenly spaced; values beyond its ends are left out

    Returns
    -------
    (n_grid,) 1 over the unit of `values`; its integral is 1 where the grid reaches beyond all values

    Raises
    ------
    ValueError
        if there is no value, or the grid is not even
    """
    from scipy.ndimage import gaussian_filter1d

    values, grid = np.asarray(values, dtype=float), np.asarray(grid, dtype=float)
    steps = np.diff(grid)
    if len(grid) < 2 or not (steps > 0).all() or not np.allclose(steps, steps[0]):
        raise ValueError("a violin is drawn on a rising, even grid")
    if values.ndim != 1 or not values.size:
        raise ValueError(f"a violin needs at least one value, got the shape {values.shape}")
    step = float(steps[0])
    edges = np.append(grid - step / 2, grid[-1] + step / 2)
    counts, _ = np.histogram(values, edges)
    low, high = np.quantile(values, [0.25, 0.75])
    spread = min(float(values.std()), float(high - low) / 1.34)
    width = max(0.9 * spread * len(values) ** -0.2 / step, 1.0)
    density: FloatArray = gaussian_filter1d(counts / (len(values) * step), width, mode="constant", truncate=5)
    return density


def wasserstein_distances(first: ArrayLike, second: ArrayLike) -> FloatArray:
    """How far apart two groups are in each descriptor: the earth mover's distance of its two distributions.

    Parameters
    ----------
    first, second : (n, d), (m, d); of a `FeatureScale`, the distances are in its standard deviations

    Returns
    -------
    (d,)

    Raises
    ------
    ValueError
        if a group is empty, or they are not of one length
    """
    from scipy.stats import wasserstein_distance

    first, second = _points(first), _points(second)
    if first.shape[1] != second.shape[1]:
        raise ValueError(f"groups of {first.shape[1]} and {second.shape[1]} features cannot be compared")
    return np.array([wasserstein_distance(a, b) for a, b in zip(first.T, second.T, strict=True)])


def principal_component_count(features: ArrayLike, share: float = 0.95) -> int:
    """Fewest principal components that hold a share of the variance: in how many directions points spread.

    A volume series has wide violins in all descriptors and is a line: 1 to 3 components.

    Parameters
    ----------
    features : (n, d); of a `FeatureScale`, so that each descriptor counts the same
    share : between 0 and 1

    Returns
    -------
    0 where the points are one

    Raises
    ------
    ValueError
        if there is nothing, or the share is not between 0 and 1
    """
    if not 0 < share < 1:
        raise ValueError(f"a share of the variance lies between 0 and 1, got {share}")
    features = _points(features)
    centred = features - features.mean(axis=0)
    variances = np.linalg.eigvalsh(centred.T @ centred)[::-1].clip(0)
    if not np.sqrt(variances[0] / len(features)) > DEAD_STD:
        return 0
    held = np.cumsum(variances) / variances.sum()
    return int(np.searchsorted(held, share) + 1)


def _points(features: ArrayLike) -> FloatArray:
    features = np.asarray(features, dtype=float)
    if features.ndim != 2 or not features.size or not np.isfinite(features).all():
        raise ValueError(f"descriptors are (n ≥ 1, d ≥ 1) finite numbers, got the shape {features.shape}")
    return features
