"""Races and screenings beside the campaigns: found, read as far as they have come, and drawn."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from assets import asset
from dashboard import studies
from dashboard.pages.data import offered
from dashboard.plots import followed_properties as fp
from dashboard.plots import race_progress as rp
from dashboard.plots import screening as sc
from dashboard.sections.rules import RulesSection
from dashboard.sections.screening import NO_SCREENING, ScreeningSection
from engine.core import Campaign
from engine.math import sturges
from engine.study import RaceRun
from tests.support import screened, silicon
from tests.support.screened import NAMES


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    return tmp_path


def test_studies_are_told_apart_by_what_they_ask(home):
    silicon.make_race(home / "race")
    screened.make(home / "screen")
    (home / "broken").mkdir()
    (home / "broken" / "protocol.json").write_text("[")
    assert studies.races() == {"race": home / "race"}
    assert studies.screenings() == {"screen": home / "screen"}
    assert offered(Campaign()) == ["rules", "screening"]


def test_histograms_are_those_of_the_result_and_name_their_materials(home):
    found = sc.screening(screened.make(home / "screen"))
    bars = sc.data(found, "energy")
    assert len(bars["count"]) == sturges(len(NAMES))
    assert bars["count"].sum() == len(NAMES)
    assert bars["materials"][0] == ", ".join(f"{name}-fcc" for name in NAMES[:-1])
    assert bars["materials"][-1] == "Au-fcc"
    assert (bars["left"][0], bars["right"][-1]) == pytest.approx((1.0, 100.0))
    assert "8 of 8 materials; 2 of them suspicious" in sc.words(found)
    table = sc.suspicious_html(found)
    assert "forces are wrong by 200 % of their size" in table
    assert "&lt;b&gt;no" in table
    assert "<b>" not in table


def test_a_screening_that_goes_on_says_how_far_it_is(home):
    section = ScreeningSection(None, dark=False)
    section.draw(None, None)
    assert NO_SCREENING in section._words._pane.object
    folder = screened.make(home / "screen", finished=3, ended=False)
    section.draw(None, None)
    assert "Not finished: 4 of 8 materials" in section._words._pane.object
    assert not any(panel.view.visible for panel in section._panels.values())
    shutil.rmtree(folder)
    screened.make(folder)
    section.draw(None, None)
    assert all(panel.view.visible for panel in section._panels.values())
    assert section._histograms["forces"]._source.data["count"].sum() == len(NAMES)


def race(folder, runs):
    silicon.make_race(folder)
    (folder / "result.json").unlink()
    for rule, seed in runs:
        file = folder / rule / f"seed-{seed:04d}.json"
        file.parent.mkdir(exist_ok=True)
        run = RaceRun(rule, seed, (10, 20), (0.04 * seed, 0.02 * seed), (1.0, 1.0), (), 1.0)
        file.write_text(json.dumps(vars(run)))
    return folder


def test_a_race_that_goes_on_is_drawn_as_far_as_it_has_come(home):
    folder = race(home / "race", [("random", 1), ("random", 2), ("query-by-committee", 1)])
    found = rp.progress(folder)
    assert found.finished == {"query-by-committee": 1, "random": 2}
    np.testing.assert_allclose(found.so_far.curves["random"][0], [60.0, 30.0])
    assert np.isnan(found.so_far.curves["random"][1:]).all()
    assert "Not finished: 3 of 4 runs</b> (query-by-committee 1 of 2, random 2 of 2)" in rp.words(found)
    section = RulesSection(None, dark=False)
    section.draw(None, None)
    assert section._curves._lines.data["name"].tolist() == ["query-by-committee", "random"]
    assert "Not finished" in section._panel._words._pane.object
    race(home / "another", [])
    section.draw(None, None)
    section._race.value = "another"
    assert "Curves appear with the first" in section._panel._words._pane.object
    assert not section._followed.view.visible


@pytest.mark.parametrize(
    "text", ["", "[]", '{"rules": 3}', '{"rules": ["a"], "seeds": "x", "metric": "energy"}']
)
def test_what_is_no_race_has_no_progress(tmp_path, text):
    (tmp_path / "protocol.json").write_text(text)
    assert rp.progress(tmp_path) is None
    assert sc.screening(tmp_path) is None
    assert fp.followed(tmp_path / "result.json") == ()


def test_what_a_race_followed_is_drawn_with_its_bands_and_verdicts(home):
    folder = home / "entropy"
    folder.mkdir()
    shutil.copy(asset("examples/study-si-entropy/result.json"), folder)
    (folder / "protocol.json").write_text('{"rules": ["high-entropy", "random"]}')
    said = json.loads((folder / "result.json").read_text())["followed"]
    found = {one.name: one for one in fp.followed(folder / "result.json")}
    assert list(found)[:3] == ["entropy", "a", "E0"]
    bulk = found["B0"]
    assert (bulk.unit, bulk.own) == ("GPa", pytest.approx(101.6, abs=0.1))
    np.testing.assert_allclose(bulk.curves["random"][2], said["errors"]["B0"]["rules"]["random"]["high"])
    assert "The reference's own: 101.6 GPa. high-entropy: smaller: -2.84 [-4.7, -1.36]" in fp.words(bulk)
    section = RulesSection(SimpleNamespace(), dark=False)
    section.draw(None, None)
    assert section._followed.view.visible
    assert len(section._followed._panels) == len(found)
    entropy, _ = section._followed._panels["entropy"]
    assert entropy._target.visible
    curves, _ = section._followed._panels["C12"]
    assert curves.figure.yaxis[0].axis_label == "|C₁₂ − reference| (GPa)"
    assert curves._lines.data["color"].tolist() == section._curves._lines.data["color"].tolist()
