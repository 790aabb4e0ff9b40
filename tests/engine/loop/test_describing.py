"""What workers compute for the figures of a page: descriptors and coverage, volumes, the forecast."""

import numpy as np
import pytest

from engine.core import fold
from engine.errors import CampaignError
from engine.loop.describing import KINDS, LABELLED
from engine.loop.description import describe
from engine.loop.forecasting import foresee
from engine.loop.volumes import volumes
from engine.math.learning_curve import FEWEST_POINTS
from engine.store import Store
from tests.support import silicon


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    folder = silicon.make(tmp_path_factory.mktemp("describing") / "si")
    store = Store(folder)
    yield folder, fold(store.events())
    store.close()


@pytest.fixture(scope="module")
def described(campaign):
    folder, snapshot = campaign
    waiting = tuple(candidate.id for candidate in snapshot.waiting)
    return describe(folder, dict(snapshot.settings), snapshot.labels, waiting, [5, 10, 15, 20])


def test_groups_are_the_kinds_the_labels_and_those_of_each_fit(described):
    views = described.views
    assert list(views) == [
        KINDS,
        LABELLED,
        "labels 1 to 5",
        "labels 6 to 10",
        "labels 11 to 15",
        "labels 16 to 20",
    ]
    assert list(views[KINDS].features) == list(silicon.KINDS)
    assert [len(rows) for rows in views[LABELLED].features.values()] == [24 * 8, 24 * 8]
    assert [len(rows) for rows in views["labels 6 to 10"].features.values()] == [24 * 8, 5 * 8]
    assert len(described.names) == described.dead.size == views[KINDS].distances.size == 37
    assert described.names[0] == "G2 η 0.003214"


def test_features_are_in_deviations_of_what_was_found_first(described):
    everything = np.concatenate(list(described.views[KINDS].features.values()))
    np.testing.assert_allclose(everything.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(everything.std(axis=0), 1, rtol=1e-9)


def test_the_data_gain_entropy_and_what_waits_is_held_against_them(campaign, described):
    _, snapshot = campaign
    covered = described.coverage
    assert covered.entropy.shape == (24,)
    assert covered.entropy[0] == pytest.approx(0, abs=1e-6), "the first of a volume series is one environment"
    assert 0 < covered.entropy[-1] < np.log(24 * 8)
    assert set(covered.novelty) == {candidate.id for candidate in snapshot.waiting}
    assert all(values.shape == (8,) for values in covered.novelty.values())
    assert 0 < covered.found < 1
    assert 0 <= covered.tested < 1


def test_histograms_count_the_neighbours_of_a_crystal(described):
    geometry = described.geometry
    assert geometry.g2.shape == (13, 2)
    assert geometry.g4.shape == (24, 3)
    assert 1.8 < geometry.leg < 2.6
    assert 20 < geometry.distances.sum() < 60
    assert geometry.angles.sum() > 0


def test_everything_labelled_leaves_the_kinds_alone(campaign):
    folder, snapshot = campaign
    store = Store(folder)
    every = store.sample(100)
    store.close()
    said = describe(folder, dict(snapshot.settings), every, (), [])
    assert list(said.views) == [KINDS]
    assert (said.coverage.found, said.coverage.tested) == (None, None)


def test_a_folder_without_a_campaign_is_one_clear_line(campaign, tmp_path):
    _, snapshot = campaign
    with pytest.raises(CampaignError, match=r"holds no campaign\.db"):
        describe(tmp_path, dict(snapshot.settings), ("c-000001",), (), [])


def test_labels_of_the_volume_series_and_the_newest_measurements(campaign):
    folder, snapshot = campaign
    known = volumes(folder, snapshot.labels)
    assert len(known.volume) == 6
    assert (np.diff(known.volume) > 0).all()
    assert known.energy.min() == pytest.approx(-4.33, abs=0.05)
    assert known.of_labels is None, "six from 0.75 to 1.30 V0: fewer than 5 about the minimum"
    assert known.of_reference.bulk_modulus == pytest.approx(101.4)
    assert known.members.model_id == "m-0004"
    assert len(known.of_members) == 4


def test_a_forecast_needs_its_fits_and_says_how_many_more_labels():
    labels = np.arange(10, 110, 10)
    error = 2.0 / labels
    assert foresee(labels[: FEWEST_POINTS - 1], error[: FEWEST_POINTS - 1], 0.01) is None
    found = foresee(labels, error, 0.0125)
    assert found.words.startswith("about ")
    assert found.labels[0] == 10
    assert found.labels[-1] >= 300
    assert (found.low <= found.high).all()
    np.testing.assert_allclose(found.error, 2.0 / found.labels, rtol=0.05)
    assert foresee(labels, error, 0.0).words == ""
