import numpy as np
import pytest

from engine.math import acceptance_band, exploration_settled


def test_the_band_by_closed_form():
    low, high = acceptance_band([0.1, 0.5, 0.01, 1.0], [0.0, 0.2, 0.05, 0.0], 16, [900, 100, 10, 10])
    half = 2 * np.sqrt(0.5 * 0.5 / 100 + 0.2**2 / 16)
    np.testing.assert_allclose(low, [0.08, 0.5 - half, 0.0, 1.0])
    np.testing.assert_allclose(high[[0, 1, 3]], [0.12, 0.5 + half, 1.0])


def test_frames_like_the_test_frames_are_within_the_band_and_others_are_not():
    rng = np.random.default_rng(1)
    passes = rng.beta(0.5, 6.0, (2000, 40))  # of test frames and of 40 others, one campaign a row
    low, high = acceptance_band(passes[:, :20].mean(axis=1), passes[:, :20].std(axis=1), 20, 400)
    observed = rng.binomial(400, 0.5 / 6.5, 2000) / 400
    assert ((low <= observed) & (observed <= high)).mean() == pytest.approx(0.93, abs=0.03)
    many = rng.binomial(400, 0.3, 2000) / 400
    assert (many <= high).mean() < 0.02


def test_it_has_settled_once_acceptance_is_in_its_band_and_the_error_falls_no_more():
    within = ([0.02, 0.04], [0.0, 0.01], [0.05, 0.05])
    assert exploration_settled(*within, [9.0, 3.0, 3.0, 2.8])
    assert exploration_settled(*within, [9.0, 3.0, 4.0, 3.5])
    assert not exploration_settled(*within, [9.0, 3.0, 3.0, 2.6])
    assert not exploration_settled([0.02, 0.06], *within[1:], [9.0, 3.0, 3.0, 2.8])
    assert not exploration_settled([0.02, 0.005], *within[1:], [9.0, 3.0, 3.0, 2.8])


def test_what_cannot_be_judged_is_refused():
    with pytest.raises(ValueError, match="needs frames that were judged, and test frames"):
        acceptance_band(0.1, 0.1, 10, [5, 0])
    with pytest.raises(ValueError, match="2 cycles need as many bands and more errors, got 2 and 2"):
        exploration_settled([0.1, 0.1], [0, 0], [1, 1], [1.0, 1.0])
