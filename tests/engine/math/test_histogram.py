import pytest

from engine.math import sturges


@pytest.mark.parametrize(("n", "bins"), [(1, 1), (2, 2), (30, 6), (64, 7), (65, 8), (112, 8)])
def test_sturges(n, bins):
    assert sturges(n) == bins


def test_nothing_has_no_histogram():
    with pytest.raises(ValueError, match="at least one value, got 0"):
        sturges(0)
