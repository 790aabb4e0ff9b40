"""What stands on the page Data & model: which sections, from which measurements and fits, asked of whom."""

import gc
from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pytest

from dashboard.asking import Asking
from dashboard.pages.data import offered
from dashboard.plots import error_forecast as ef
from dashboard.plots.model_figures import Entropy, entropy_key, settling
from dashboard.sections import measured as sm
from dashboard.sections import model_words
from dashboard.sections.export import ExportSection
from dashboard.sections.properties import PropertiesSection
from dashboard.studies import races
from engine.core import fold
from engine.errors import StorageError
from engine.loop.forecasting import Foreseen
from engine.math import gaussian_entropy
from engine.math.learning_curve import FEWEST_POINTS
from engine.store import REFERENCE, Measured, Store
from tests.support import large, silicon


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    silicon.make(home / "si", n_each=20)
    large.make(home / "cluster", 2, n_labelled=5, paused=True)
    return home


@pytest.fixture
def snapshot(home):
    store = Store(home / "si")
    yield fold(store.events()), store.measured()
    store.close()


def test_sections_that_make_no_sense_are_not_offered(home, snapshot, tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    assert offered(snapshot[0]) == ["model", "properties", "data", "decisions", "rules", "export"]
    store = Store(home / "cluster")
    cluster = fold(store.events())
    store.close()
    assert offered(cluster) == ["model", "data", "decisions", "export"]
    race = silicon.make_race(tmp_path / "race")
    assert races() == {"race": race}
    assert offered(cluster) == ["model", "data", "decisions", "rules", "export"]


def test_properties_follow_the_labels_with_the_references_own_value(snapshot):
    campaign, measured = snapshot
    found = {one.name: one for one in sm.followed(campaign, measured)}
    assert list(found) == ["a", "B₀", "C₁₁", "C₁₁ clamped", "vacancy", "surface 100"]
    bulk = found["B₀"]
    assert bulk.labels.tolist() == [5, 10, 15, 20, 25, 30, 35, 40]
    assert (bulk.unit, bulk.reference, bulk.target) == ("GPa", 101.4, 5.0)
    last = np.array(measured[-1].values["B0"])
    assert (bulk.value[-1], bulk.std[-1]) == pytest.approx((last.mean(), last.std(ddof=1)))


def test_members_without_a_value_are_left_out_and_none_at_all_is_a_gap(snapshot):
    campaign, _ = snapshot
    none = np.empty((0,))
    measured = [
        Measured("m-0001", {"a": (5.4, np.nan, 5.6), "vacancy": (np.nan,) * 3}, none, none),
        Measured("m-0002", {"a": (5.4, 5.5, 5.6), "vacancy": (2.0, 3.0, 4.0)}, none, none),
    ]
    a, vacancy = sm.followed(campaign, measured)
    assert (a.value[0], a.std[0]) == pytest.approx((5.5, np.std([5.4, 5.6], ddof=1)))
    assert np.isnan(vacancy.value[0])
    assert vacancy.value[1] == 3.0
    assert a.reference is None
    assert sm.entropies(campaign, measured).entropy == {}, "only of what every member has every time"
    whole = sm.entropies(campaign, measured[1:])
    assert whole.n_members == 3
    assert whole.entropy["vacancy"].tolist() == pytest.approx([gaussian_entropy([2.0, 3.0, 4.0], 0.1)])
    assert sm.followed(campaign, []) == []
    assert sm.entropies(campaign, [Measured(REFERENCE, {"a": (5.4,)}, none, none)]).entropy == {}


FITS = {"label": np.array([10, 20, 30, 40, 50]), "error": np.array([100.0, 50.0, 33.0, 25.0, 20.0])}
AHEAD = Foreseen(
    np.array([10.0, 80.0]), np.array([100.0, 12.5]), np.ones(2), np.ones(2), "about 20 more labels"
)


def test_the_forecast_says_what_is_missing_for_it(snapshot):
    found = ef.errors(snapshot[0])
    assert found["label"].tolist() == [5, 10, 15, 20, 25, 30, 35, 40]
    assert found["error"][:2] == pytest.approx([100.0, 50.0])
    assert ef.FEWEST == FEWEST_POINTS
    assert "Labels until 12 meV/atom: <b>about 20 more labels</b>" in ef.words(FITS, AHEAD, 12.0)
    assert ef.NO_TARGET in ef.words(FITS, replace(AHEAD, words=""), 0.0)
    assert "computing" in ef.words(FITS, None, 12.0)
    few = {name: column[:4] for name, column in FITS.items()}
    assert ef.NO_CURVE in ef.words(few, None, 12.0)
    assert ef.words({name: column[:0] for name, column in FITS.items()}, None, 12.0) == ef.EMPTY


def test_the_forecast_is_drawn_with_its_target():
    drawn = ef.ErrorForecast()
    drawn.update(FITS, AHEAD, 12.0)
    assert (drawn._target.visible, drawn._target.location) == (True, 12.0)
    assert drawn._curve.data["label"].tolist() == [10.0, 80.0]
    assert drawn._end.data["error"].tolist() == [12.0]
    drawn.update(FITS, None, 0.0)
    assert not drawn._target.visible
    assert len(drawn._curve.data["label"]) == len(drawn._end.data["error"]) == 0


def test_the_rule_that_ends_a_campaign_stands_at_its_entropy(snapshot):
    campaign, _ = snapshot
    rule = settling(campaign)
    assert (rule.labels, rule.within, rule.cycles) == ((35, 40), 0.2, 2)
    drawn = Entropy()
    drawn.update(campaign)
    box = drawn._settled
    assert (box.visible, box.left, box.right) == (True, 35, 40)
    assert box.top - box.bottom == pytest.approx(0.2)
    assert box.bottom < 1.5 < 1 + 20 / 35 < box.top
    assert "settled" in entropy_key(campaign)
    assert "2 fits in a row move by less than 0.2; the last 2 moved by 0.07." in model_words.entropy(campaign)
    free = campaign._replace(rules=campaign.rules.model_copy(update={"stop_entropy": 0.0}))
    drawn.update(free)
    assert not box.visible
    assert "settled" not in entropy_key(free)
    assert "No stop rule" in model_words.entropy(free)


class Desk:
    """A runtime whose workers answer when they are told to."""

    def __init__(self):
        self.asked = []

    def ask(self, key, task, *args):
        self.asked.append((key, task, args, Future()))
        return self.asked[-1][-1]


def test_one_question_at_a_time_and_the_last_answer_stays(monkeypatch):
    desk = Desk()
    now = [100.0]
    monkeypatch.setattr("dashboard.asking.time.monotonic", lambda: now[0])
    asking = Asking(desk)
    assert not asking.look(1, max, 1, 2)
    assert not asking.look(2, max, 3, 4)
    assert (len(desk.asked), asking.computes, asking.value) == (1, True, None)
    now[0] += 2.0
    desk.asked[0][-1].set_result(2)
    assert asking.look(2, max, 3, 4)
    assert (asking.value, len(desk.asked)) == (2, 1), "after 2 s of work come 6 s of rest"
    now[0] += 7.0
    assert not asking.look(2, max, 3, 4)
    assert (desk.asked[-1][2], asking.value) == ((3, 4), 2)
    desk.asked[-1][-1].set_exception(StorageError("the disk is gone"))
    assert asking.look(2, max, 3, 4)
    assert (asking.value, asking.problem) == (2, "the disk is gone")
    now[0] += 100.0
    assert not asking.look(2, max, 3, 4), "the same question is not asked again"
    assert len(desk.asked) == 2


def test_properties_are_drawn_from_the_store_alone(home):
    class Session:
        runtime = Desk()

    store = Store(home / "si")
    section = PropertiesSection(Session(), dark=False)
    section.draw(fold(store.events()), store)
    store.close()
    assert len(section._properties) == len(silicon.OWN)
    assert len(section._place) == 3, "two in a row"
    assert len(section._entropies._lines.data["name"]) == len(silicon.OWN)


class Exporting:
    """A session whose worker has always just ended."""

    campaign = "cluster"

    def __init__(self, scratch):
        self.runtime, self.scratch, self.told = self, scratch, []

    def ask(self, _key, task, *args):
        future = Future()
        future.set_result(task(*args))
        return future

    def guard(self, act):
        try:
            return act()
        except StorageError as error:
            self.told.append(str(error))
            return None


def test_what_one_takes_away_is_not_written_over_by_another_and_goes_with_the_page(home, tmp_path):
    store = Store(home / "cluster")
    snapshot, sessions = fold(store.events()), [Exporting(tmp_path), Exporting(tmp_path)]
    sections = [ExportSection(session, dark=False) for session in sessions]
    paths = []
    for section in sections:
        section.draw(snapshot, store)
        section._ask()
        paths.append(section._path())
    assert len(set(paths)) == 2
    assert len(list(tmp_path.glob("export-*/cluster-labels.xyz"))) == 2
    sections.clear()
    del section
    gc.collect()
    assert list(tmp_path.iterdir()) == []
    store.close()


def test_where_no_file_can_be_written_the_page_says_so(home, tmp_path):
    store, session = Store(home / "cluster"), Exporting(tmp_path / "gone")
    section = ExportSection(session, dark=False)
    section.draw(fold(store.events()), store)
    section._ask()
    store.close()
    assert session.told == ["the server cannot write a file: No such file or directory"]
    assert section._path() is None
