import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.math import entropy_bias, gaussian_entropy

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
