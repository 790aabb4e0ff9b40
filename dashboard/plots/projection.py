"""Principal axes of descriptors: fitted once and kept, so that a map stands still while points are added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Projection:
    """Linear map of descriptors onto two principal axes.

    Attributes
    ----------
    mean : (d,) what lies at the origin: the mean of the structures it was fitted to, unless it was turned
    axes : (2, d) orthonormal rows that span the principal plane
    explained : (2,) shares of the variance along them
    n_fitted : number of those structures
    """

    mean: FloatArray
    axes: FloatArray
    explained: FloatArray
    n_fitted: int

    @classmethod
    def fit(cls, features: NDArray[Any]) -> Projection:
        """Principal component analysis of n ≥ 1 structures.

        The sign of an axis is fixed: its largest component is positive. What the data leave open (one
        structure, or equal ones) has an axis of zeros.

        Parameters
        ----------
        features : (n, d) summed descriptors
        """
        mean = features.mean(axis=0, dtype=float)
        centred = features - mean
        variance, vectors = np.linalg.eigh(centred.T @ centred)
        total = float(variance.clip(0).sum())
        axes, explained = np.zeros((2, len(mean))), np.zeros(2)
        for k in range(min(2, len(mean))):
            if variance[-1 - k] > 1e-12 * max(total, 1e-300):
                axis = vectors[:, -1 - k]
                axes[k] = axis * np.sign(axis[np.abs(axis).argmax()])
                explained[k] = variance[-1 - k] / total
        return cls(mean, axes, explained, len(features))

    def turned(self, features: NDArray[Any], places: FloatArray) -> Projection:
        """Turn, mirror and shift within the plane: structures stay as near as can be to where they were.

        Orthogonal Procrustes problem (Schönemann, Psychometrika 31, 1, 1966).

        Parameters
        ----------
        features : (n, d) summed descriptors
        places : (n, 2) where they were on the map
        """
        from scipy.linalg import orthogonal_procrustes  # for which the first page does not wait

        if not self.explained.all():
            return self
        new = self.apply(features)
        turn, _ = orthogonal_procrustes(new - new.mean(axis=0), places - places.mean(axis=0))
        axes = turn.T @ self.axes
        origin = self.mean + (new.mean(axis=0) @ turn - places.mean(axis=0)) @ axes
        return Projection(origin, axes, (turn.T**2) @ self.explained, self.n_fitted)

    def apply(self, features: NDArray[Any]) -> FloatArray:
        """Places of structures on the map.

        Returns
        -------
        (n, 2), in the unit of the descriptors
        """
        places: FloatArray = (features - self.mean) @ self.axes.T
        return places
