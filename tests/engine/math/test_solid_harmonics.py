import numpy as np
import pytest
from scipy.special import sph_harm_y

from engine.math import gradient_matrix, solid_harmonics

VECTORS = np.random.default_rng(0).normal(size=(3, 6))
STEP = 1e-5


@pytest.mark.parametrize("degree", range(8))
def test_they_are_those_of_scipy(degree):
    x, y, z = VECTORS
    radius = np.sqrt(x**2 + y**2 + z**2)
    ours = solid_harmonics(VECTORS, 7)[degree]
    for m in range(degree + 1):
        complex_one = sph_harm_y(degree, m, np.arccos(z / radius), np.arctan2(y, x)) * radius**degree
        complex_one *= (-1) ** m * (np.sqrt(2) if m else 1)  # without the phase of Condon and Shortley
        np.testing.assert_allclose(ours[degree + m], complex_one.real, atol=1e-11)
        if m:
            np.testing.assert_allclose(ours[degree - m], complex_one.imag, atol=1e-11)


@pytest.mark.parametrize("degree", range(1, 8))
def test_gradient_is_that_of_central_differences(degree):
    gradient = gradient_matrix(degree) @ solid_harmonics(VECTORS, degree - 1)[degree - 1]
    for axis in range(3):
        step = STEP * np.eye(3)[axis][:, None]
        plus, minus = (solid_harmonics(VECTORS + sign * step, degree)[degree] for sign in (1, -1))
        scale = np.abs(gradient).max()
        np.testing.assert_allclose(gradient[axis], (plus - minus) / (2 * STEP), atol=1e-8 * scale)


def test_they_are_defined_at_the_origin():
    values = solid_harmonics(np.zeros((3, 1)), 3)
    assert values[0][0, 0] == pytest.approx(1 / np.sqrt(4 * np.pi))
    assert all((value == 0).all() for value in values[1:])
