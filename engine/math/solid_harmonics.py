"""Real regular solid harmonics r^l Y_lm: homogeneous polynomials, their gradients one degree lower."""

from __future__ import annotations

from functools import lru_cache
from math import factorial, pi, sqrt

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def solid_harmonics(vectors: FloatArray, l_max: int) -> list[FloatArray]:
    """r^l Y_lm(r) for l = 0 … l_max; Σ_m of their squares is (2l + 1) r^2l / 4π.

    By recursion over z and r² (associated Legendre functions without their sine) and over x and y (real and
    imaginary part of (x + iy)^m).

    Parameters
    ----------
    vectors : (3, n) x, y and z
    l_max : highest degree

    Returns
    -------
    arrays (2l + 1, n), one a degree, m from −l to l
    """
    x, y, z = vectors
    square = x * x + y * y + z * z
    cosine, sine = [np.ones_like(x)], [np.zeros_like(x)]
    for m in range(l_max):
        cosine.append(x * cosine[m] - y * sine[m])
        sine.append(x * sine[m] + y * cosine[m])
    degrees = [np.empty((2 * degree + 1, x.size)) for degree in range(l_max + 1)]
    for m in range(l_max + 1):
        below: FloatArray | float = 0.0
        legendre: FloatArray | float = float(factorial(2 * m) // (2**m * factorial(m)))  # (2m − 1)!!
        for degree in range(m, l_max + 1):
            scaled = _norm(degree, m) * legendre
            np.multiply(scaled, cosine[m], out=degrees[degree][degree + m])
            if m:
                np.multiply(scaled, sine[m], out=degrees[degree][degree - m])
            above = (2 * degree + 1) * z * legendre
            if degree > m:
                above -= (degree + m) * square * below
            below, legendre = legendre, above / (degree + 1 - m)
    return degrees


@lru_cache
def gradient_matrix(degree: int) -> FloatArray:
    """Matrix that gives ∂(r^l Y_lm)/∂(x, y, z) from the solid harmonics of degree l − 1.

    Returns
    -------
    (3, 2l + 1, 2l − 1)
    """
    matrix = np.zeros((3, 2 * degree + 1, 2 * degree - 1))

    def enter(axis: int, m: int, lower: int, factor: float) -> None:
        if abs(lower) < degree:
            scale = _norm(degree, abs(m)) / _norm(degree - 1, abs(lower))
            matrix[axis, degree + m, degree - 1 + lower] += scale * factor

    for m in range(degree + 1):
        down = (degree + m) * (degree + m - 1) / 2
        for sign in (1, -1) if m else (1,):  # cosine, sine
            enter(2, sign * m, sign * m, degree + m)
            enter(0, sign * m, sign * (m + 1), -0.5 if m else -1.0)
            enter(1, sign * m, -sign * (m + 1), -0.5 * sign if m else -1.0)
            if m > 1 or (m == 1 and sign == 1):
                enter(0, sign * m, sign * (m - 1), down)
            if m > 1 or (m == 1 and sign == -1):
                enter(1, sign * m, -sign * (m - 1), -down * sign)
    matrix.flags.writeable = False
    return matrix


def _norm(degree: int, m: int) -> float:
    ratio = factorial(degree - m) / factorial(degree + m)
    return sqrt((2 * degree + 1) / (4 * pi) * ratio * (2 if m else 1))
