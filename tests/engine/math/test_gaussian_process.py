import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

from engine.math import (
    factorise,
    force_rows,
    solve,
    squared_exponential,
    summed_kernel,
    variance,
    whitening,
)


@pytest.fixture
def toy():
    """20 inputs in 2 dimensions with noisy targets, and 30 inputs to predict."""
    rng = np.random.default_rng(3)
    x = rng.uniform(-2, 2, (20, 2))
    y = np.sin(2 * x[:, 0]) * x[:, 1] + 0.1 * rng.standard_normal(20)
    return x, y, rng.uniform(-2, 2, (30, 2))


def test_kernel_is_scikit_learns():
    a, b = np.random.default_rng(0).normal(100, 3, (2, 8, 5))
    kernel = (ConstantKernel(2.5) * RBF(1.7))(a, b)
    np.testing.assert_allclose(squared_exponential(a, b, 2.5, 1.7), kernel, rtol=1e-10, atol=1e-14)


def test_kernel_of_structures_is_the_sum_over_their_atoms():
    rng = np.random.default_rng(1)
    n_atoms = rng.integers(1, 6, 23)  # more than one block
    atoms, points = rng.standard_normal((n_atoms.sum(), 4)), rng.standard_normal((7, 4))
    parts = np.split(atoms, np.cumsum(n_atoms)[:-1])
    expected = [squared_exponential(part, points, 1.5, 2.0).sum(axis=0) for part in parts]
    np.testing.assert_allclose(summed_kernel(atoms, n_atoms, points, 1.5, 2.0), expected, rtol=1e-12)


def test_whitening_makes_the_kernel_of_its_points_the_unit_matrix():
    x = np.random.default_rng(2).standard_normal((15, 3))
    kernel = squared_exponential(x, x, 1.0, 0.5)
    points, w = whitening(kernel)
    assert sorted(points) == list(range(15))
    np.testing.assert_allclose(w.T @ kernel[np.ix_(points, points)] @ w, np.eye(15), atol=1e-10)


def test_whitening_drops_points_that_add_nothing():
    x = np.random.default_rng(2).standard_normal((6, 3))
    x = np.concatenate([x, x, x[:1] + 1e-7])
    kernel = squared_exponential(x, x, 1.0, 0.5)
    points, w = whitening(kernel)
    assert sorted(points % 6) == list(range(6))
    phi = kernel[:, points] @ w
    np.testing.assert_allclose(phi @ phi.T, kernel, atol=1e-9)


def test_mean_and_standard_deviation_are_scikit_learns(toy):
    x, y, new = toy
    noise = np.full(20, 0.01)
    points, w = whitening(squared_exponential(x, x, 2.0, 0.9))
    phi = squared_exponential(x, x[points], 2.0, 0.9) @ w
    new_phi = squared_exponential(new, x[points], 2.0, 0.9) @ w
    factor = factorise(phi.T @ (phi.T / noise).T)
    mean = new_phi @ solve(factor, phi.T @ (y / noise))
    left = np.linalg.solve(factor, new_phi.T).T
    std = np.sqrt(variance(np.full(30, 2.0), new_phi, left))
    exact = GaussianProcessRegressor(ConstantKernel(2.0) * RBF(0.9), alpha=0.01, optimizer=None).fit(x, y)
    expected_mean, expected_std = exact.predict(new, return_std=True)
    np.testing.assert_allclose(mean, expected_mean, atol=1e-6)
    np.testing.assert_allclose(std, expected_std, atol=1e-6)


def test_sparse_weights_solve_the_published_equations(toy):
    """[K_mm + K_smᵀ S⁻¹ K_sm] α = K_smᵀ S⁻¹ y, solved densely, with noise that differs by target."""
    x, y, new = toy
    points = x[:8]
    noise = np.linspace(0.01, 0.1, 20)
    k_mm = squared_exponential(points, points, 1.0, 0.7)
    k_sm = squared_exponential(x, points, 1.0, 0.7)
    alpha = np.linalg.solve(k_mm + k_sm.T @ np.diag(1 / noise) @ k_sm, k_sm.T @ (y / noise))
    kept, w = whitening(k_mm)
    phi = k_sm[:, kept] @ w
    weights = solve(factorise(phi.T @ (phi.T / noise).T), phi.T @ (y / noise))
    mean = squared_exponential(new, points[kept], 1.0, 0.7) @ w @ weights
    np.testing.assert_allclose(mean, squared_exponential(new, points, 1.0, 0.7) @ alpha, atol=1e-10)


def test_several_right_hand_sides_are_each_one_alone():
    rng = np.random.default_rng(4)
    phi, right = rng.standard_normal((9, 5)), rng.standard_normal((5, 3))
    factor = factorise(phi.T @ phi)
    each = [solve(factor, column) for column in right.T]
    np.testing.assert_allclose(solve(factor, right), np.transpose(each), rtol=1e-12)


def test_variance_is_what_the_inverse_of_the_equations_leaves():
    """k − φᵀ[I − (I + ΦᵀS⁻¹Φ)⁻¹]φ."""
    rng = np.random.default_rng(5)
    phi, new = rng.standard_normal((3, 6)), rng.standard_normal((4, 6))
    inverse = np.linalg.inv(np.eye(6) + phi.T @ phi)
    expected = 30.0 - np.einsum("nr,rs,ns->n", new, np.eye(6) - inverse, new)
    left = np.linalg.solve(factorise(phi.T @ phi), new.T).T
    np.testing.assert_allclose(variance(np.full(4, 30.0), new, left), expected, rtol=1e-10)


def test_variance_never_falls_below_zero():
    phi, nothing = np.array([[1.0, 1e-6], [0.0, 0.5]]), np.zeros((2, 2))
    assert variance(np.array([1.0, 1.0]), phi, nothing).tolist() == [0.0, 0.75]


def test_force_rows_are_minus_the_gradient_of_the_summed_kernel():
    """Features that depend linearly on the coordinates: x = x₀ + G r."""
    rng = np.random.default_rng(6)
    gradient = rng.standard_normal((3, 3, 3, 4))
    origin, points = rng.standard_normal((3, 4)), rng.standard_normal((5, 4))

    def summed(r):
        return squared_exponential(origin + np.einsum("ijad,ja->id", gradient, r), points, 1.3, 2.0).sum(0)

    steps = 1e-5 * np.eye(9).reshape(9, 3, 3)
    expected = [-(summed(step) - summed(-step)) / 2e-5 for step in steps]
    np.testing.assert_allclose(force_rows(origin, gradient, points, 1.3, 2.0), expected, atol=1e-8)
