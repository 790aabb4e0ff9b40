"""Trajectories on a page: curves, player, and why a frame was taken."""

import re
from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pytest

from dashboard.pages.data import offered
from dashboard.panels import acceptance
from dashboard.panels.hotkeys import Key
from dashboard.plots import dynamics as dy
from dashboard.plots import exploration as ex
from dashboard.sections.dynamics import DynamicsSection
from engine.config import MDSettings
from engine.core import Exploration, fold
from engine.loop.trajectories import run_of
from engine.math import acceptance_band, energy_probability, uncertainty_probability
from engine.store import Store
from tests.support import dynamics


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    opened = Store(dynamics.make(tmp_path_factory.mktemp("home") / "md"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def campaign(store):
    return fold(store.events())


@pytest.fixture(scope="module")
def run(store, campaign):
    return run_of(store.folder, dict(campaign.settings), "md/0", 5)


def test_the_section_is_there_before_the_first_label(campaign, tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    assert campaign.labels == ()
    assert offered(campaign) == ["dynamics"]


def test_curves_are_the_frames_and_marks_those_that_were_proposed(run):
    frames, proposed = dy.data(run, 0)
    assert len(frames["time"]) == 24
    one = run.trajectories[0]
    np.testing.assert_allclose(frames["energy"], 1000 * (one.columns["energy"] - run.energy[0]))
    assert dict(zip(proposed["frame"].tolist(), proposed["candidate"], strict=True)) == dict(one.proposed)
    np.testing.assert_array_equal(proposed["u"], frames["u"][proposed["frame"]])
    limits = dy.thresholds(run, MDSettings(shift=1.0))
    assert limits["u"] == pytest.approx(sum(run.u))
    assert uncertainty_probability(limits["u"], *run.u, shift=1.0) == pytest.approx(0.5)
    nothing = replace(run, energy=None, u=None)
    assert dy.thresholds(nothing, MDSettings()) == {"u": None, "energy": None, "anharmonicity": None}
    assert dy.data(nothing, 0)[0]["energy"][0] == 0.0


@pytest.mark.parametrize(
    ("viability", "std", "words"),
    [("figure", 1.0, "above"), ("printed", 1.8, "above"), ("almomd-0.2.0", 1.0, "below")],
)
def test_the_line_in_the_energy_stands_where_its_probability_leaves_one(run, viability, std, words):
    settings = MDSettings(viability=viability)
    line = dy.thresholds(run, settings)["energy"]
    assert line == pytest.approx(1000 * std * run.energy[1])
    below, above = (
        energy_probability(run.energy[0] + (line + step) / 1000, *run.energy, viability)
        for step in (-1e-3, 1e-3)
    )
    assert (above < 1 == below) if words == "above" else (below < 1 == above)
    assert f"the energy {words} which P_E falls" in dy.key(settings)
    curves = dy.DynamicsCurves(lambda _: None)
    curves.show(run, 0, settings)
    assert curves._limits["energy"].location == line


def test_words_say_what_became_of_a_frame(run):
    (frame, candidate), *_ = run.trajectories[0].proposed.items()
    assert f"it was proposed: <b>{candidate}</b>" in dy.words(run, 0, frame)
    columns = run.trajectories[0].columns
    refused = int(np.argmax(columns["draw"] - columns["P_U"] * columns["P_E"]))
    assert "it was not taken" in dy.words(run, 0, refused)
    assert f"Frame {refused + 1} of 24" in dy.words(run, 0, refused)
    alike = replace(run, trajectories=(replace(run.trajectories[0], proposed={}),))
    said = dy.words(alike, 0, frame)
    assert "it was taken, but not proposed: not new enough, or too many at once" in said


def test_a_click_means_the_nearest_frame_and_the_line_goes_there(run):
    picked = []
    curves = dy.DynamicsCurves(picked.append)
    curves.show(run, 0, MDSettings())

    class Tap:
        x = run.trajectories[0].time[7] + 0.004

    curves._tapped(Tap())
    assert picked == [7]
    before = curves._frames.data
    curves.mark(7)
    assert {span.location for span in curves._now} == {run.trajectories[0].time[7]}
    assert curves._frames.data is before


def test_where_some_positions_were_kept_the_nearest_is_shown(run):
    one = run.trajectories[0]
    few = replace(one, kept=one.kept[::5], positions=one.positions[::5])
    assert [dy.atoms_at(few, at) for at in (0, 2, 3, 23)] == [0, 0, 1, 4]
    assert dy.atoms_at(replace(one, kept=one.kept[:0]), 3) is None


class Runtime:
    """Its workers answer at once."""

    def ask(self, key, task, *args):  # noqa: ARG002
        answer = Future()
        answer.set_result(task(*args))
        return answer


class Session:
    runtime = Runtime()
    candidate = None


def test_the_player_opens_at_a_candidate_and_sends_nothing_but_what_moved(store, campaign, run):
    session = Session()
    session.candidate = candidate = "c-000001"
    section = DynamicsSection(session, dark=False)
    section.draw(campaign, store)
    assert section._shown.first == 0
    assert dy.words(section._shown, section._number.value, section._player.value).endswith(
        f"<b>{candidate}</b>."
    )
    serial = section._viewer.scene["serial"]
    section.press(Key("ArrowRight"))
    section.press(Key("ArrowRight"))
    assert section._viewer.scene["serial"] == serial, "the structure was not sent again"
    assert section._viewer.motion["of"] == serial
    assert not section._viewer.motion.keys() & {"symbols", "values", "cell", "radii"}
    section.press(Key(" "))
    assert section._player.direction == 1
    section._jump(1000)
    assert (section._player.direction, section._player.value) == (0, 35)
    section.press(Key(" "))
    assert (section._player.direction, section._player.value) == (1, 0), "from the end it begins anew"

    section._go_on()
    section.draw(campaign, store)
    assert (section._shown.first, section._later.disabled) == (4, True)
    section._go_back()
    section.draw(campaign, store)
    assert (section._shown.first, section._earlier.disabled) == (0, True)
    assert section._met._figures._source.data["model"].tolist() == ["m-0000", "m-0001"]
    session.candidate = "c-000002"
    section.draw(campaign, store)
    found = section._shown.trajectories[section._number.value].proposed
    assert found[section._player.value] == "c-000002"


def test_without_an_uncertainty_words_stand_in_its_place(store, campaign, run, monkeypatch):
    one = run.trajectories[0]
    sure = replace(one, columns={**one.columns, "u": np.full(24, np.nan)})
    monkeypatch.setattr("dashboard.sections.dynamics.run_of", lambda *_: replace(run, trajectories=(sure,)))
    section = DynamicsSection(Session(), dark=False)
    section.draw(campaign, store)
    assert dy.NO_SPREAD in section._panel._words._pane.object
    assert not section._panel._pane.visible
    assert section._panes["energy"].visible


def test_before_anything_moves_words_say_what_will_appear(store, campaign, run, monkeypatch):
    section = DynamicsSection(Session(), dark=False)
    nothing = replace(run, trajectories=())
    monkeypatch.setattr("dashboard.sections.dynamics.run_of", lambda *_: nothing)
    section.draw(campaign, store)
    assert not section._played.visible
    assert dy.EMPTY in section._state._pane.object


def numbers(html, pattern):
    return [tuple(map(float, found)) for found in re.findall(pattern, html)]


def test_why_a_frame_was_taken_is_its_dot_on_both_curves_and_its_draw(store, campaign):
    frame = acceptance.frame_of(campaign, store, "c-000001")
    html = acceptance.acceptance_html(frame)
    dots = numbers(html, r'<circle cx="([\d.]+)" cy="([\d.]+)"')
    curves = [
        np.array([point.split(",") for point in line.split()], dtype=float)
        for line in re.findall(r'points="([^"]+)"', html)
    ]
    assert len(dots) == len(curves) == 2
    for (x, y), curve in zip(dots, curves, strict=True):
        assert np.interp(x, *curve.T) == pytest.approx(y, abs=1.5), "the dot lies on its curve"
    assert dots[0][1] == pytest.approx(acceptance.HEIGHT * (1 - frame.terms["P_U"]), abs=0.1)
    assert f"{frame.terms['draw']:.3f} was drawn" in html
    flat = replace(frame, energy=(frame.terms["energy"], 0.0), terms={**frame.terms, "P_E": 1.0})
    assert "no spread" in acceptance.acceptance_html(flat)
    bare = replace(frame, energy=None, uncertainty=None)
    assert "<svg" not in acceptance.acceptance_html(bare)
    assert acceptance.frame_of(campaign, store, "c-999999") is None


def test_each_model_has_its_accepted_frames_beside_those_that_its_test_frames_expect(store, campaign):
    met = store.explorations()
    columns = ex.data(met, {model.model_id: model.n_train for model in campaign.models})
    assert columns["label"].tolist() == [0, 10]
    assert columns["judged"].tolist() == [48, 72]
    assert columns["observed"].sum() > 0
    np.testing.assert_allclose(columns["observed"], [100 * one.accepted / one.judged for one in met])
    last = met[-1]
    low, high = acceptance_band(*last.expected, last.test_frames, last.judged)
    assert (columns["low"][1], columns["high"][1]) == pytest.approx((100 * low, 100 * high))
    assert columns["u-high"][1] - columns["u-mean"][1] == pytest.approx(last.uncertainty[1])
    assert columns["u-mean"][1] < 0.8 * columns["u-mean"][0], "its members agree better"
    assert f"In m-0001 {last.accepted} of 72 frames were accepted" in ex.words(met, columns)


def test_before_anything_was_met_words_say_what_will_appear():
    assert ex.words((), ex.data((), {})) == ex.EMPTY
    unsure = Exploration(
        model_id="m-0000",
        test_frames=5,
        energy=(0.1, 0.01),
        uncertainty=None,
        expected=(0.1, 0.2),
        judged=10,
        accepted=1,
        rewinds=0,
    )
    assert np.isnan(ex.data([unsure], {})["u-mean"]).all()
    figures = ex.ExplorationFigures()
    figures.update(ex.data([unsure], {}), "relative-max")
    assert figures.figures["u"].yaxis[0].axis_label == "u (ratio)"
