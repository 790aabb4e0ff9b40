import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from engine.math import aligned, mean_lifetime, state_class


@given(st.integers(2, 8), st.integers(0, 2**32 - 1))
def test_what_was_turned_and_shifted_lies_on_itself_again(n, seed):
    rng = np.random.default_rng(seed)
    onto = rng.normal(size=(n, 3))
    moved = Rotation.random(random_state=seed % 2**32).apply(onto) + rng.normal(size=3)
    np.testing.assert_allclose(aligned(moved, onto), onto, atol=1e-7)


def test_a_mirror_image_stays_one():
    onto = np.random.default_rng(3).normal(size=(6, 3))
    there = aligned(onto * [1, 1, -1], onto)
    assert np.abs(there - onto).max() > 0.1
    np.testing.assert_allclose(
        np.linalg.norm(there[:, None] - there, axis=2), np.linalg.norm(onto[:, None] - onto, axis=2)
    )


def test_the_alignment_is_scipys_best_one():
    rng = np.random.default_rng(4)
    onto, other = rng.normal(size=(2, 7, 3))
    best, _ = Rotation.align_vectors(onto - onto.mean(axis=0), other - other.mean(axis=0))
    expected = best.apply(other - other.mean(axis=0)) + onto.mean(axis=0)
    np.testing.assert_allclose(aligned(other, onto), expected, atol=1e-9)


def test_states_are_classed_by_how_far_the_reference_is_above_the_claim():
    assert state_class(0.2, 0.15) == "invented"
    assert state_class(0.2, 0.21) == "missing before"
    assert state_class(-2.9, 0.15) == "missing before"  # lower than claimed
    for excess in (np.nan, np.inf):
        with pytest.raises(ValueError, match="finite"):
            state_class(excess, 0.1)


def test_lifetimes_of_visits_that_outlast_their_trajectory():
    assert mean_lifetime(12.0, 3) == 4.0
    assert mean_lifetime(12.0, 0) == np.inf
    assert np.isnan(mean_lifetime(0.0, 0))
    rng = np.random.default_rng(5)
    lives = rng.exponential(2.0, 4000)
    seen = np.minimum(lives, 1.5)  # every trajectory ends after 1.5
    assert mean_lifetime(seen.sum(), int((lives < 1.5).sum())) == pytest.approx(2.0, rel=0.08)
