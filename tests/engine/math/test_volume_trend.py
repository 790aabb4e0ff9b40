"""Right trends and wrong ones, on curves that are made up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.math import TrendTolerance, birch_murnaghan, falls_and_rises, has_right_trend

VOLUME = np.linspace(0.75, 1.30, 23) * 20.0
OWN = birch_murnaghan(VOLUME, -4.3, 20.0, 0.63, 4.2)


@given(volume=st.floats(0.97, 1.03), bulk=st.floats(0.8, 1.25), shift=st.floats(-5, 5))
def test_it_is_right_within_both_tolerances_and_wherever_its_zero_lies(volume, bulk, shift):
    asked = TrendTolerance(volume=0.01, bulk_modulus=0.10)
    curve = birch_murnaghan(VOLUME, -4.3 + shift, 20.0 * volume, 0.63 * bulk, 4.2)
    # too near a tolerance, the fit of a window of volumes decides
    if min(abs(abs(volume - 1) - 0.01), abs(abs(bulk - 1) - 0.10)) > 0.002:
        assert has_right_trend(VOLUME, curve, OWN, asked) == (abs(volume - 1) < 0.01 and abs(bulk - 1) < 0.10)


def test_a_second_minimum_or_a_fall_beyond_the_data_is_no_trend():
    assert has_right_trend(VOLUME, OWN, OWN)
    wiggle = OWN - 0.5 * np.exp(-(((VOLUME - 25.0) / 0.4) ** 2))
    assert not has_right_trend(VOLUME, wiggle, OWN)
    soft = np.where(VOLUME < 16.0, OWN[VOLUME >= 16.0][0] - 0.1 * (16.0 - VOLUME), OWN)
    assert not has_right_trend(VOLUME, soft, OWN)


def test_what_has_no_minimum_inside_is_no_trend():
    for curve in (VOLUME, -VOLUME, np.zeros(23), np.full(23, np.nan), np.where(VOLUME > 25, np.inf, OWN)):
        assert not has_right_trend(VOLUME, curve, OWN)
    assert falls_and_rises([2.0, 1.0, 3.0])
    assert not falls_and_rises([1.0, 2.0, 3.0])
    assert not falls_and_rises([2.0, 1.0, 1.0, 3.0])


@pytest.mark.parametrize(
    ("volume", "reference", "words"),
    [
        (VOLUME[::-1], OWN, "volumes rise"),
        (VOLUME[1:], OWN, "volumes"),
        (VOLUME, VOLUME, "the reference's own energies have no minimum"),
    ],
)
def test_what_cannot_be_held_against_anything_is_said(volume, reference, words):
    with pytest.raises(ValueError, match=words):
        has_right_trend(volume, OWN, reference)
