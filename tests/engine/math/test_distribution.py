import numpy as np
import pytest

from engine.math import distribution, entropy_bias, entropy_std, gaussian_entropy


def test_mean_spread_and_entropy_are_those_of_the_members():
    values = [1.0, 2.0, 4.0, 5.0]
    found = distribution(values, 0.5)
    assert (found.mean, found.std) == (3.0, pytest.approx(np.std(values, ddof=1)))
    assert found.entropy == pytest.approx(gaussian_entropy(values, 0.5) - entropy_bias(4))
    assert found.entropy_std == entropy_std(4)


def test_members_on_target_have_on_average_the_entropy_of_the_target():
    rng = np.random.default_rng(0)
    entropies = [distribution(0.1 * rng.standard_normal(4), 0.1).entropy for _ in range(4000)]
    assert np.mean(entropies) == pytest.approx(0.5 * np.log(2 * np.pi * np.e), abs=0.02)
    assert np.std(entropies) == pytest.approx(entropy_std(4), abs=0.02)


def test_a_member_without_a_value_does_not_count():
    found, rest = distribution([1.0, np.nan, 2.0, np.inf], 1.0), distribution([1.0, 2.0], 1.0)
    assert (found.mean, found.std, found.entropy) == (rest.mean, rest.std, rest.entropy)
    alone = distribution([1.0, np.nan], 1.0)
    assert np.isnan([alone.mean, alone.std, alone.entropy, alone.entropy_std]).all()


def test_members_that_agree_have_a_finite_entropy():
    found = distribution([3.0, 3.0, 3.0], 1.0)
    assert found.std == 0
    assert -14 < found.entropy < -11


@pytest.mark.parametrize(
    ("values", "target", "words"),
    [
        ([1.0], 1.0, "at least 2 members"),
        ([[1.0, 2.0]], 1.0, "at least 2"),
        ([1.0, 2.0], 0.0, "must be positive"),
        ([1.0, np.nan], -1.0, "must be positive"),
    ],
)
def test_one_member_or_no_target_is_refused(values, target, words):
    with pytest.raises(ValueError, match=words):
        distribution(values, target)
