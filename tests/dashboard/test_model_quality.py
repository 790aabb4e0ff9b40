"""Figures of merit of the model, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from dashboard.plots import model_quality as quality
from dashboard.plots.model_figures import KEYS, Calibration, Parity, key_html
from engine.core import BARE_MODEL, fold
from engine.store import Store
from tests.support import large


def rows(predicted, label, std, seen=None):
    n = len(label)
    return {
        "predicted": np.asarray(predicted, dtype=float),
        "label": np.asarray(label, dtype=float),
        "std": np.asarray(std, dtype=float),
        "seen": np.zeros(n, dtype=bool) if seen is None else np.asarray(seen),
    }


def test_errors_are_mean_and_root_mean_square():
    found = quality.errors(np.array([1.0, 2.0]), np.array([0.0, 2.0]))
    assert (found.n, found.mae, found.rmse) == (2, 0.5, pytest.approx(np.sqrt(0.5)))
    assert quality.errors(np.empty(0), np.empty(0)) is None


def test_a_true_sigma_is_called_true_and_half_of_it_too_small():
    rng = np.random.default_rng(0)
    label, std = rng.normal(size=2000), rng.uniform(0.1, 0.5, 2000)
    predicted = label + std * rng.normal(size=2000)
    true = quality.calibration(rows(predicted, label, std))
    assert true["observed"] == pytest.approx(true["expected"], abs=0.03)
    assert "nothing speaks against σ" in quality.calibration_words(true)
    for factor, words in ((0.5, "σ is too small"), (2.0, "σ is too large")):
        found = quality.calibration(rows(predicted, label, factor * std))
        assert words in quality.calibration_words(found)
    few = quality.calibration(rows(predicted[:3], label[:3], std[:3]))
    assert "too few" in quality.calibration_words(few)


def test_the_band_is_clopper_and_pearsons():
    label = np.zeros(12)
    predicted = np.array([0.1] * 7 + [9.0] * 5)
    data = quality.calibration(rows(predicted, label, np.ones(12)))
    expected = binomtest(7, 12).proportion_ci(0.95, method="exact")
    at = int(np.flatnonzero(data["k"] == 1.0)[0])
    assert (data["low"][at], data["high"][at]) == pytest.approx((expected.low, expected.high))
    for inside, ends in ((0.0, (np.nan, 1.0)), (9.0, (0.0, np.nan))):
        every = quality.calibration(rows(np.full(4, inside), np.zeros(4), np.ones(4)))
        for end, value in zip(("low", "high"), ends, strict=True):
            assert np.isnan(value) or every[end][at] == value


def test_calibration_leaves_out_what_was_fitted_and_what_has_no_sigma():
    data = rows([0.0, 0.0, 5.0], [0.0, 0.0, 0.0], [1.0, np.nan, 1.0], [False, False, True])
    assert set(quality.calibration(data)["n"]) == {1}
    nothing = quality.calibration(rows([], [], []))
    assert nothing["k"].size == 0
    assert quality.calibration_words(nothing) == ""


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    folder = large.make(tmp_path_factory.mktemp("model") / "large", 3, n_labelled=12)
    store = Store(folder)
    yield fold(store.events())
    store.close()


def test_parity_tells_labels_that_were_fitted_from_those_that_were_not(campaign):
    predictions = {name: (campaign.candidates[name].label_eV + 0.5, 0.1) for name in campaign.labels[:11]}
    data = quality.parity(campaign, predictions, quality.fitted_labels(campaign, "m-0002"))
    assert data["seen"].tolist() == [True] * 10 + [False]
    assert data["predicted"] - data["label"] == pytest.approx(np.full(11, 0.5))
    assert data["high"] - data["low"] == pytest.approx(np.full(11, 0.2))
    assert quality.fitted_labels(campaign, BARE_MODEL) == frozenset()


def test_predictions_of_the_bare_potential_are_shifted_by_a_constant(campaign):

    names = campaign.labels[:3]
    candidates = campaign.candidates
    for name, off in zip(names, (1199.0, 1200.0, 1202.0), strict=True):
        bare = candidates[name]._replace(model_id=BARE_MODEL, energy_eV=candidates[name].label_eV + off)
        candidates = candidates.put(bare)
    shifted = quality.at_selection(campaign._replace(candidates=candidates))
    off = [shifted[name][0] - candidates[name].label_eV for name in names]
    assert off == pytest.approx([-1.0, 0.0, 2.0])
    untouched = campaign.labels[5]
    assert shifted[untouched][0] == candidates[untouched].energy_eV


def test_the_learning_curve_has_the_error_of_the_model_before_at_its_own_size(campaign):
    curve = quality.learning_curve(campaign)
    assert curve["labels"].tolist() == [0, 5]
    assert curve["n_train"].tolist() == [5, 10]
    assert curve["mae_new"].tolist() == [0.6, 0.3]


def test_the_newest_label_is_the_first_row(campaign):
    listed = quality.label_rows(campaign, quality.at_selection(campaign))
    assert [row[0].id for row in listed] == list(campaign.labels[::-1])


def test_figures_take_the_data_and_have_keys(campaign):
    data = quality.parity(campaign, quality.at_selection(campaign))
    picked = []
    parity = Parity(picked.append)
    parity.update(data)
    parity.focus(campaign.labels[4])
    assert parity._focus.data["label"].tolist() == [campaign.candidates[campaign.labels[4]].label_eV]
    Calibration().update(quality.calibration(data))
    assert all("<i class=" in key_html(name) for name in KEYS)
