"""Violins by descriptor."""

import numpy as np
import pytest

from dashboard.plots import descriptor_violins as dv
from dashboard.theme import SERIES

RNG = np.random.default_rng(0)


def violins(n_groups=2, d=3, dead=()):
    names = tuple(f"G{k}" for k in range(d))
    values = RNG.standard_normal((200, d))
    groups = {f"group {k}": values + k * np.arange(d) for k in range(n_groups)}
    apart = np.max([abs(other - groups["group 0"]).mean(axis=0) for other in groups.values()], axis=0)
    return dv.DescriptorViolins(names, groups, apart, np.isin(np.arange(d), dead))


def test_two_groups_share_a_violin_and_carry_their_distance():
    rows, outlines = dv.data(violins())
    assert rows["row"].tolist() == [2, 1, 0]
    assert rows["distance"] == pytest.approx([0, 1, 2])
    assert outlines["group"].tolist() == ["group 0", "group 1"] * 3
    above, below = outlines["ys"][:2]
    assert above.min() == 2.0
    assert above.max() == pytest.approx(2.46)
    assert below.max() == 2.0
    assert below.min() == pytest.approx(1.54)


def test_more_groups_lie_over_one_another():
    _, outlines = dv.data(violins(3))
    assert outlines["color"][:3].tolist() == list(SERIES[:3])
    for outline in outlines["ys"][:3]:
        assert outline.max() - 2 == pytest.approx(2 - outline.min())


def test_dead_descriptors_are_counted_and_not_drawn():
    shown = violins(dead=(1,))
    assert dv.data(shown)[0]["name"].tolist() == ["G0", "G2"]
    assert "2 of 3 descriptors drawn; 1 never move" in dv.words(shown)
    assert "group 0: 3 (95 %), 3 (99 %)" in dv.words(shown)


def test_of_many_descriptors_those_farthest_apart_are_drawn_in_their_order():
    shown = violins(d=dv.MOST + 5)
    assert dv.data(shown)[0]["name"].tolist() == [f"G{k}" for k in range(5, dv.MOST + 5)]


def test_the_figure_is_as_high_as_it_has_rows_and_begins_without_any():
    drawn = dv.Violins()
    drawn.update(violins(d=10))
    assert drawn.figure.height == 10 * dv.ROW + 60
    assert drawn.figure.yaxis[0].major_label_overrides[9] == "G0"
    drawn.update(violins(1, d=2))
    assert set(drawn.figure.right[0].major_label_overrides.values()) == {""}
    nothing = dv.DescriptorViolins((), {}, np.empty(0), np.empty(0, dtype=bool))
    drawn.update(nothing)
    assert dv.words(nothing) == dv.EMPTY
    assert dv.key(nothing) == ""
