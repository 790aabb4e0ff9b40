"""Rules side by side."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dashboard.plots import rule_comparison as rc
from dashboard.theme import SERIES
from engine.study import RaceProtocol, RaceRun, write_race
from tests.support import silicon

LABELS = np.arange(10, 101, 10)
SAVED = rc.Saved(saved=20.0, low=10.0, high=30.0, part=0.4, reached=5, reached_baseline=3, repetitions=5)


def compared(**saved):
    names = ["random", *saved]
    curves = {name: np.array([1.0, 0.9, 1.1])[:, None] * 10.0 / LABELS for name in names}
    return rc.RuleComparison("silicon", LABELS, curves, saved, "eV/atom", 0.2, 5)


def test_what_a_race_writes_is_what_the_figure_reads(tmp_path):
    rules = ["query-by-committee", "random"]
    race = RaceProtocol(
        name="silicon",
        rules=rules,
        seeds=2,
        start=10,
        batch=10,
        budget=30,
        held_out=5,
        target=20.0,
        pool={"kinds": ["volume"]},
        reference={"name": "stillinger-weber"},
    )
    errors = {"query-by-committee": (0.08, 0.03, 0.015), "random": (0.08, 0.04, 0.019)}
    runs = [
        RaceRun(rule, seed, (10, 20, 30), errors[rule], errors[rule], (), 1.0)
        for seed in race.each
        for rule in rules
    ]
    said = write_race(race, runs, tmp_path)
    found = rc.read(tmp_path / "result.json")
    assert (found.name, found.unit, found.target, found.baseline) == ("silicon", "meV/atom", 20.0, "random")
    assert (found.labels.tolist(), found.repetitions) == ([10, 20, 30], 2)
    np.testing.assert_allclose(found.curves["random"], np.tile([80.0, 40.0, 19.0], (3, 1)))
    assert list(found.saved) == ["query-by-committee"]
    first = next(one for one in said["ledger"] if one["error"] == 20.0)
    assert found.saved["query-by-committee"].saved == first["saved"] > 0


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rules": 3}', '"text"'])
def test_what_is_no_race_is_nothing(tmp_path, text):
    (tmp_path / "result.json").write_text(text)
    assert rc.read(tmp_path / "result.json") is None
    assert rc.read(tmp_path / "missing.json") is None


def test_a_race_without_two_finished_seeds_says_so(tmp_path):
    path = silicon.make_race(tmp_path / "race") / "result.json"
    said = json.loads(path.read_text())
    path.write_text(json.dumps({**said, "seeds": [1], "rules": {}, "ledger": []}))
    assert rc.words(rc.read(path)) == rc.EMPTY


def test_curves_are_drawn_with_their_bands():
    lines, bands = rc.data(compared(fast=SAVED))
    assert lines["name"].tolist() == ["random", "fast"]
    assert lines["color"].tolist() == [rc.GREY, SERIES[0]]
    np.testing.assert_allclose(lines["ys"][0], 10 / LABELS)
    band = bands["fast"]
    assert (band["low"] < lines["ys"][1]).all()
    assert (lines["ys"][1] < band["high"]).all()


def test_a_rule_is_better_where_its_band_leaves_no_doubt():
    slow = replace(SAVED, saved=-20.0, low=-30.0, high=-10.0)
    same, never = replace(SAVED, low=-1.0), replace(SAVED, reached=0, reached_baseline=0)
    table = rc.ledger_html(compared(fast=SAVED, slow=slow, same=same, never=never))
    assert table.count("<tr>") == 5
    verdicts = ("saves labels", "costs labels", "not decidable", "reached by neither")
    assert all(table.count(verdict) == 1 for verdict in verdicts)
    assert rc.ledger_html(compared()) == ""


def test_a_name_is_text():
    assert "<b>" not in rc.ledger_html(compared(**{"<b>": SAVED}))
    assert "<b>" not in rc.key(compared(**{"<b>": SAVED}))


def test_more_rules_than_colours_are_told_apart():
    looks = rc.looks(compared(**{f"rule {k}": SAVED for k in range(8)}))
    assert len(set(looks.values())) == 9


def test_rules_come_and_go():
    drawn = rc.RuleCurves()
    drawn.update(compared(first=SAVED, fast=SAVED))
    drawn.update(compared(fast=SAVED))
    assert drawn._lines.data["name"].tolist() == ["random", "fast"]
    assert len(drawn._bands["first"].data_source.data["label"]) == 0
    assert len(drawn._bands["random"].data_source.data["label"]) == len(LABELS)
    assert drawn._bands["fast"].glyph.fill_color == SERIES[0], "the colour that its line has now"
    assert drawn.figure.yaxis[0].axis_label == "mean absolute error (eV/atom)"
    assert "Mean of 5 repetitions" in rc.words(compared())
