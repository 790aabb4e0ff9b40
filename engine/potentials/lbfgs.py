"""L-BFGS steps: the two-loop recursion, its loops as triangular systems of the inner products.

Nocedal, Math. Comp. 35, 773 (1980). The inner products are kept: a step costs one row of them, not all.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dtrtrs

from engine.protocols import FloatArray

MEMORY = 100
"""Pairs that are kept."""
FIRST_CURVATURE = 70.0
"""Of a soft bond (eV/Å²): scales the step before any curvature is known."""


class Curvature:
    """Earlier steps s and the gradient's changes y along them, s·y > 0, oldest first.

    Parameters
    ----------
    size : coordinates of one structure
    """

    def __init__(self, size: int) -> None:
        self._steps = np.empty((MEMORY, size))
        self._changes = np.empty((MEMORY, size))
        self._products = np.empty((MEMORY, MEMORY), order="F")  # s_i·y_j for i ≤ j
        self._count = 0

    def add(self, step: FloatArray, change: FloatArray) -> None:
        """Keep a pair; the oldest goes where there are too many."""
        if self._count == MEMORY:
            self._forget()
        n = self._count
        self._steps[n], self._changes[n] = step, change
        self._count = n + 1
        self._products[: n + 1, n] = self._steps[: n + 1] @ change

    def step(self, forces: FloatArray) -> FloatArray:
        """Quasi-Newton step H F (d,) Å of the forces F (d,) eV/Å."""
        n = self._count
        if n == 0:
            return forces / FIRST_CURVATURE
        steps, changes, products = self._steps[:n], self._changes[:n], self._products[:n, :n]
        newest, curvature = changes[-1], products.diagonal()
        scale = curvature[-1] / (newest @ newest)
        first, _ = dtrtrs(products, steps @ forces)
        left = forces - first @ changes
        right = curvature * first - scale * (changes @ left)
        second, _ = dtrtrs(products, right, trans=1)
        direction: FloatArray = scale * left + second @ steps
        return direction

    def _forget(self) -> None:
        self._steps[:-1] = self._steps[1:]
        self._changes[:-1] = self._changes[1:]
        self._products[:-1, :-1] = self._products[1:, 1:].copy()
        self._count -= 1
