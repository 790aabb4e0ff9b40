import numpy as np
import pytest
from scipy.stats import ttest_rel

from engine.math import is_worse


def test_it_is_scipys_paired_test():
    rng = np.random.default_rng(0)
    for shift in (-0.2, 0.0, 0.1, 0.3):
        new, old = rng.normal(shift, 0.2, 8) + 0.5, rng.normal(0, 0.2, 8) + 0.5
        p = ttest_rel(np.abs(new), np.abs(old), alternative="greater").pvalue
        assert is_worse(new, old) == (p < 0.05)


def test_an_equally_good_model_is_seldom_called_worse():
    rng = np.random.default_rng(1)
    said = [is_worse(*rng.standard_normal((2, 5))) for _ in range(1000)]
    assert np.mean(said) < 0.07


@pytest.mark.parametrize(
    ("new", "old", "worse"),
    [
        ([0.9, 1.1, 1.0, 0.95, 1.05], [0.1, 0.2, 0.15, 0.1, 0.2], True),
        ([0.1, 0.2, 0.15, 0.1, 0.2], [0.9, 1.1, 1.0, 0.95, 1.05], False),
        ([-1.0, 1.0], [0.5, -0.5], True),  # the same difference every time
        ([9.0], [0.1], False),  # one pair says nothing
        ([], [], False),
        ([np.nan, 0.1], [0.1, 0.1], True),
    ],
)
def test_by_hand(new, old, worse):
    assert is_worse(np.array(new), np.array(old)) is worse
