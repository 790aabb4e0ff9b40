import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.covariance import ledoit_wolf

from engine.math import entropy_bias, gaussian_entropy, joint_entropy

ON_TARGET = 0.5 * np.log(2 * np.pi * np.e)
PUBLISHED = [  # members, bias, standard deviation of h (section B of the science)
    (3, -0.289, 0.641),
    (4, -0.184, 0.483),
    (6, -0.107, 0.350),
    (8, -0.075, 0.287),
    (10, -0.058, 0.249),
    (20, -0.027, 0.167),
]


@pytest.mark.parametrize(("members", "bias", "_std"), PUBLISHED)
def test_bias_is_the_published_table_digit_by_digit(members, bias, _std):
    assert round(entropy_bias(members), 3) == bias


@pytest.mark.parametrize(("members", "bias", "std"), PUBLISHED)
def test_bias_and_spread_are_those_of_many_drawn_ensembles(members, bias, std):
    draws = 100_000
    entropy = gaussian_entropy(np.random.default_rng(members).standard_normal((members, draws)))
    assert entropy.mean() - ON_TARGET == pytest.approx(bias, abs=0.0005 + 4 * std / np.sqrt(draws))
    assert entropy.std() == pytest.approx(std, rel=0.02)


def test_a_spread_of_the_target_accuracy_is_on_target():
    members = np.array([-0.03, 0.03]) / np.sqrt(2)  # s = 0.03 with M − 1
    assert round(float(gaussian_entropy(members, scale=0.03)), 3) == 1.419
    assert gaussian_entropy(members, scale=0.03) == pytest.approx(ON_TARGET, abs=1e-12)


def test_half_the_spread_lowers_the_entropy_by_ln_2():
    values = np.random.default_rng(0).standard_normal((5, 7))
    assert gaussian_entropy(values) - gaussian_entropy(values / 2) == pytest.approx(np.log(2))


def test_members_along_another_axis():
    values = np.random.default_rng(0).standard_normal((4, 6, 3))
    moved = gaussian_entropy(np.moveaxis(values, 0, 1), axis=1)
    assert moved.shape == (6, 3)
    np.testing.assert_array_equal(moved, gaussian_entropy(values))


def test_members_that_agree_have_a_finite_entropy_for_any_scale():
    entropy = gaussian_entropy(np.full((5, 2), 3.0), scale=1e-3)
    np.testing.assert_allclose(entropy, 0.5 * np.log(2 * np.pi * np.e * 1e-12))


@given(st.integers(0, 2**32 - 1))
def test_for_one_response_the_entropy_ranking_is_the_ranking_by_standard_deviation(seed):
    values = np.random.default_rng(seed).standard_normal((4, 9))
    assert gaussian_entropy(values).argsort().tolist() == values.std(axis=0).argsort().tolist()


def test_one_member_has_no_entropy():
    with pytest.raises(ValueError, match="at least 2 members, got 1"):
        gaussian_entropy(np.ones((1, 3)))
    with pytest.raises(ValueError, match="at least 2 members, got 1"):
        entropy_bias(1)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan")])
def test_a_scale_that_is_not_positive_is_refused(scale):
    with pytest.raises(ValueError, match="scale must be positive"):
        gaussian_entropy(np.ones((2, 1)), scale=scale)


def test_the_joint_entropy_of_one_response_is_the_gaussian_entropy():
    values = np.random.default_rng(0).standard_normal((5, 7, 1))
    np.testing.assert_allclose(joint_entropy(values, 0.3), gaussian_entropy(values[..., 0], 0.3))


def test_the_joint_entropy_of_many_draws_is_that_of_their_normal_distribution():
    covariance = np.array([[2.0, 0.6], [0.6, 0.5]])
    draws = np.random.default_rng(1).multivariate_normal([1.0, -3.0], covariance, size=200_000)
    expected = 0.5 * np.log((2 * np.pi * np.e) ** 2 * np.linalg.det(covariance))
    assert float(joint_entropy(draws)) == pytest.approx(expected, abs=0.01)
    scaled = float(joint_entropy(draws, [0.1, 0.2]))
    assert scaled == pytest.approx(expected - np.log(0.1) - np.log(0.2), abs=0.01)


@pytest.mark.parametrize(("members", "responses"), [(3, 2), (8, 6), (5, 9)])
def test_the_covariance_is_shrunk_as_in_scikit_learn(members, responses):
    values = np.random.default_rng(0).standard_normal((members, 4, responses)) @ np.diag(
        range(1, responses + 1)
    )
    shrunk = [ledoit_wolf(values[:, n])[0] * members / (members - 1) for n in range(4)]
    expected = [0.5 * np.linalg.slogdet(2 * np.pi * np.e * one)[1] for one in shrunk]
    np.testing.assert_allclose(joint_entropy(values), expected, rtol=0, atol=1e-10)


def by_eigenvalues(values, scale):
    """The same of one point after another, from the eigenvalues of its (k, k) covariance."""
    members = len(values)
    entropies = []
    for one in np.swapaxes(values / scale, 0, 1):
        shrunk = ledoit_wolf(one)[0] * members / (members - 1)
        entropies.append(0.5 * np.log(2 * np.pi * np.e * np.maximum(np.linalg.eigvalsh(shrunk), 1e-12)).sum())
    return entropies


@pytest.mark.parametrize(("members", "responses"), [(2, 3), (8, 6), (8, 8), (5, 9), (60, 2)])
def test_many_points_at_once_have_the_entropy_that_each_has_alone(members, responses):
    rng = np.random.default_rng(members)
    values = rng.standard_normal((members, 5000, responses)) * rng.uniform(1e-3, 3, (5000, 1))
    values[:, :500, 1:] = values[:, :500, :1] * rng.uniform(0.5, 2, responses - 1)  # one response, repeated
    values[:, 500:600] = 2.5
    scale = rng.uniform(0.1, 10, responses)
    chosen = [*range(450, 620), *range(4090, 4110)]
    expected = by_eigenvalues(values[:, chosen], scale)
    np.testing.assert_allclose(joint_entropy(values, scale)[chosen], expected, rtol=0, atol=1e-9)


def test_fewer_members_than_responses_have_a_finite_joint_entropy():
    rng = np.random.default_rng(2)
    entropy = joint_entropy(rng.standard_normal((4, 3, 6)))
    assert entropy.shape == (3,)
    assert np.isfinite(entropy).all()
    agreeing = joint_entropy(np.ones((4, 6)))
    assert float(agreeing) == pytest.approx(6 * 0.5 * np.log(2 * np.pi * np.e * 1e-12))


def test_the_joint_entropy_has_no_jump_where_members_become_more_than_responses():
    rng = np.random.default_rng(3)
    means = [np.mean(joint_entropy(rng.standard_normal((M, 2000, 6)))) for M in range(4, 11)]
    assert np.abs(np.diff(means)).max() < 0.5


def test_a_joint_entropy_needs_members_and_scales():
    with pytest.raises(ValueError, match=r"\(M ≥ 2, ..., k\) responses, got the shape \(1, 3\)"):
        joint_entropy(np.ones((1, 3)))
    with pytest.raises(ValueError, match="scale must be positive"):
        joint_entropy(np.ones((2, 2)), [1.0, 0.0])
