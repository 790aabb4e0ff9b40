"""Rules side by side."""

import numpy as np
import pytest

from dashboard.plots import rule_comparison as rc
from dashboard.theme import SERIES

LABELS = np.arange(10, 101, 10)
SCATTER = np.exp(0.05 * np.random.default_rng(0).standard_normal((5, 1)))


def compared(**rules):
    errors = {name: SCATTER * 10.0 / (speed * LABELS) for name, speed in {"random": 1.0, **rules}.items()}
    return rc.RuleComparison(LABELS, errors, "eV/atom", 0.2)


def test_curves_are_means_of_logarithms_with_their_bands():
    lines, bands = rc.data(compared(fast=2.0))
    assert lines["name"].tolist() == ["random", "fast"]
    assert lines["color"].tolist() == [rc.GREY, SERIES[0]]
    np.testing.assert_allclose(lines["ys"][0], np.exp(np.log(SCATTER).mean()) * 10 / LABELS)
    band = bands["fast"]
    assert (band["low"] < band["mean"]).all()
    assert (band["mean"] < band["high"]).all()


def test_a_rule_twice_as_fast_saves_half_of_the_labels():
    saved = rc.ledger(compared(fast=2.0, slow=0.8))
    assert saved["fast"].saved == pytest.approx(25, abs=3)
    assert saved["fast"].part == pytest.approx(0.5, abs=0.03)
    assert saved["slow"].high < 0
    table = rc.ledger_html(compared(fast=2.0, slow=0.8, same=1.0))
    assert table.count("<tr>") == 4
    assert "saves labels" in table
    assert "costs labels" in table
    assert "not decidable" in table


def test_a_name_is_text():
    assert "<b>" not in rc.ledger_html(compared(**{"<b>": 2.0}))
    assert "<b>" not in rc.key(compared(**{"<b>": 2.0}))


def test_without_a_baseline_or_a_rule_there_is_no_ledger():
    alone = rc.RuleComparison(LABELS, {"fast": SCATTER / LABELS}, "eV", 0.2)
    assert rc.ledger(alone) == {}
    assert rc.ledger_html(alone) == ""
    nothing = rc.RuleComparison(LABELS, {}, "eV", 0.2)
    assert rc.words(nothing) == rc.EMPTY
    assert rc.key(nothing) == ""


def test_more_rules_than_colours_are_told_apart():
    looks = rc.looks(compared(**{f"rule {k}": 1.5 for k in range(8)}))
    assert len(set(looks.values())) == 9


def test_rules_come_and_go():
    drawn = rc.RuleCurves("eV/atom")
    drawn.update(compared(fast=2.0))
    drawn.update(compared())
    assert drawn._lines.data["name"].tolist() == ["random"]
    assert len(drawn._bands["fast"].data["label"]) == 0
    assert len(drawn._bands["random"].data["label"]) == len(LABELS)
    assert drawn.figure.yaxis[0].axis_label == "error (eV/atom)"
    assert "Mean of 5 repetitions" in rc.words(compared())
