"""The judge of the table of measures, on made-up figures."""

import pytest

from tests.measures.desk import Row, spread

TIMES = [50.0] * 90 + [150.0] * 10


@pytest.mark.parametrize(
    ("row", "missed"),
    [
        (Row(3.9, "s", 4), False),
        (Row(4.1, "s", 4), True),
        (Row(1e9, "ms"), False),
        (Row(0, most=0), False),
        (Row(1, most=0), True),
        (spread(TIMES, 100), False),
        (spread(TIMES, 100, tail=True), True),
        (spread(TIMES, 200, tail=True), False),
    ],
)
def test_a_goal_is_missed_where_its_own_figure_is_above_it(row, missed):
    assert row.missed is missed


def test_a_row_says_its_median_its_tail_and_which_of_them_the_goal_is_of():
    assert spread(TIMES, 100, tail=True).words == ("50 ms", "150 ms", "p95 ≤ 100 ms")
    assert Row(3.94, "s", 4).words == ("3.9 s", "–", "≤ 4.0 s")
    assert Row(7).words == ("7", "–", "–")
