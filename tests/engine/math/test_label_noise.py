import numpy as np

from engine.math import label_noise_targets

N_ATOMS = np.array([4, 9])


def test_noise_has_the_published_covariance():
    """0.1 √N ξ per structure and 0.01 N η shared by a member: C = diag(0.01 N) + 1e-4 N Nᵀ."""
    targets = np.array([1.0, -2.0])
    noise = label_noise_targets(targets, N_ATOMS, 200_000, np.random.default_rng(0)) - targets
    expected = np.diag(0.01 * N_ATOMS) + 1e-4 * np.outer(N_ATOMS, N_ATOMS)
    np.testing.assert_allclose(noise.mean(axis=0), 0, atol=0.005)
    np.testing.assert_allclose(np.cov(noise.T), expected, atol=0.001)


def test_same_generator_same_noise():
    first, again = (
        label_noise_targets(np.zeros(2), N_ATOMS, 3, np.random.default_rng(seed)) for seed in (7, 7)
    )
    other = label_noise_targets(np.zeros(2), N_ATOMS, 3, np.random.default_rng(8))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (3, 2)
    assert (first != other).all()
