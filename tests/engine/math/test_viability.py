import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from engine.math import energy_probability, force_uncertainty, uncertainty_probability

X = [-2, 0, 1, 1.4, 1.8, 2.0, 2.6, 3.0]
"""Deviations from the mean, in standard deviations (section C of the science)."""
TABLE = {
    "figure": [1, 1, 1, 0.447, 0.200, 0.134, 0.040, 0.018],
    "printed": [1, 1, 1, 1, 1, 0.669, 0.200, 0.089],
    "almomd-0.2.0": [0.200, 0.585, 1, 1, 1, 1, 1, 1],
}


def test_what_is_uncertain_passes_digit_by_digit():
    expected = [0.0000, 0.0000, 0.0008, 0.0289, 0.2635, 0.5000, 0.9711, 0.9992]
    assert uncertainty_probability(X, 0.0, 1.0).round(4).tolist() == expected


@pytest.mark.parametrize("variant", sorted(TABLE))
def test_what_is_viable_passes_digit_by_digit(variant):
    assert energy_probability(X, 0.0, 1.0, variant).round(3).tolist() == TABLE[variant]


def test_mean_and_standard_deviation_are_of_the_test_set():
    x = np.array(X)
    np.testing.assert_allclose(
        uncertainty_probability(0.3 + 0.05 * x, 0.3, 0.05), uncertainty_probability(x, 0.0, 1.0), atol=1e-12
    )
    np.testing.assert_allclose(
        energy_probability(-12.0 + 0.2 * x, -12.0, 0.2), energy_probability(x, 0.0, 1.0), rtol=1e-10
    )


def test_expected_acceptance_over_a_normal_distribution():
    def mean(probability):
        return quad(lambda x: float(probability(x, 0.0, 1.0)) * norm.pdf(x), -8, 8, points=[1.0])[0]

    assert round(100 * mean(uncertainty_probability), 2) == 2.83
    assert round(100 * mean(energy_probability), 1) == 91.5


def test_force_uncertainty_by_closed_form():
    forces = np.zeros((2, 2, 3))
    forces[:, 0] = [[1.0, 0, 0], [3.0, 0, 0]]  # s = 1, |mean| = 2
    forces[:, 1] = [[0, 0.1, 0], [0, -0.1, 0]]  # s = 0.1, |mean| = 0, floored at 0.2
    assert force_uncertainty(forces) == pytest.approx(1.0)
    assert force_uncertainty(forces, "mean") == pytest.approx(0.55)
    assert force_uncertainty(forces, relative=True) == pytest.approx(0.5)
    assert force_uncertainty(forces, "mean", relative=True) == pytest.approx(0.5)


def test_force_uncertainty_of_many_frames_and_rotated_ones():
    rng = np.random.default_rng(1)
    forces = rng.standard_normal((6, 4, 7, 3))
    rotation, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    assert force_uncertainty(forces).shape == (4,)
    np.testing.assert_allclose(force_uncertainty(forces @ rotation), force_uncertainty(forces))


def test_what_cannot_be_used_is_refused():
    with pytest.raises(ValueError, match="std must be positive, got 0"):
        uncertainty_probability(1.0, 0.0, 0.0)
    with pytest.raises(ValueError, match=r"no variant 'other'; known: figure, printed, almomd-0\.2\.0"):
        energy_probability(1.0, 0.0, 1.0, "other")
    with pytest.raises(ValueError, match="'max' or 'mean', got 'median'"):
        force_uncertainty(np.ones((2, 3, 3)), "median")
    with pytest.raises(ValueError, match=r"\(M, n_atoms, 3\), got the shape \(2, 3\)"):
        force_uncertainty(np.ones((2, 3)))
