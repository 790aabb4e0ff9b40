"""Properties against labels: value, entropy, and the energy–volume curve."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.plots import energy_volume as ev
from dashboard.plots import property_convergence as pc
from dashboard.plots import property_entropy as pe
from engine.loop.volumes import Volumes
from engine.math import (
    GPA,
    birch_murnaghan,
    entropy_bias,
    entropy_std,
    fit_birch_murnaghan,
    fit_near_minimum,
    gaussian_entropy,
)
from engine.store import REFERENCE, Measured

VOLUME, GRID = np.linspace(18, 22, 9), np.linspace(16, 24, 60)
MEMBERS = np.array([birch_murnaghan(GRID, -4.6, v, 0.6, 4.0) for v in (19.9, 20.1)])
KNOWN = Volumes(
    volume=VOLUME[::4],
    energy=birch_murnaghan(VOLUME[::4], -4.6, 20.0, 0.6, 4.0),
    reference=Measured(REFERENCE, {}, VOLUME, birch_murnaghan(VOLUME, -4.6, 20.0, 0.6, 4.0)[None]),
    members=Measured("m-0003", {}, GRID, MEMBERS),
    of_labels=None,
    of_reference=fit_birch_murnaghan(VOLUME, birch_murnaghan(VOLUME, -4.6, 20.0, 0.6, 4.0)),
    of_members=tuple(fit_near_minimum(GRID, energy) for energy in MEMBERS),
)
NOTHING = Volumes(np.empty(0), np.empty(0), None, None, None, None, ())


def test_the_committees_curve_is_its_mean_with_the_spread_of_its_members():
    found = ev.data(KNOWN)
    assert found["labels"]["volume"].tolist() == [18, 20, 22]
    assert found["reference"]["energy"].shape == (9,)
    curve = found["curve"]
    np.testing.assert_allclose(curve["high"] - curve["low"], 2 * MEMBERS.std(axis=0, ddof=1))
    single = ev.data(replace(KNOWN, members=Measured("m-0003", {}, GRID, MEMBERS[:1])))["curve"]
    np.testing.assert_array_equal(single["low"], single["high"])
    assert all(len(column) == 0 for part in ev.data(NOTHING).values() for column in part.values())


def test_equations_of_state_are_said_with_their_errors():
    words = ev.words(KNOWN)
    assert f"3 labels: {ev.NO_FIT}" in words
    assert "Reference: V₀ <b>20.00 ± 0.00 Å³/atom" in words
    assert "m-0003: V₀ <b>20.00 ± 0.14 Å³/atom" in words
    assert "(mean and σ of 2 members)" in words
    assert f"{0.6 * GPA:.1f}" in words
    assert ev.words(None) == ev.words(NOTHING) == ev.EMPTY


PROPERTY = pc.PropertyConvergence(
    "C₁₁", "GPa", np.array([10, 20]), np.array([140.0, 153.0]), np.array([20.0, np.nan]), 151.0, 5.0
)


def test_a_property_has_its_error_bar_and_its_distance_from_the_reference():
    found = pc.data(PROPERTY)
    assert found["low"].tolist() == [120.0, 153.0]
    assert found["off"].tolist() == [-11.0, 2.0]
    assert "+2 GPa off the reference's 151 GPa, on target" in pc.words(PROPERTY)
    off = replace(PROPERTY, labels=np.array([10]), value=np.array([140.0]), std=np.array([20.0]))
    assert (
        pc.words(off) == "140 ± 20 GPa after 10 labels: −11 GPa off the reference's 151 GPa, target ± 5 GPa."
    )
    wild = replace(PROPERTY, value=np.array([140.0, 290.4]), std=np.array([20.0, 158.3]))
    assert "290.4 ± 160 GPa after 20 labels: +140 GPa off" in pc.words(wild)
    unknown = replace(PROPERTY, reference=None)
    assert np.isnan(pc.data(unknown)["off"]).all()
    assert "not known yet" in pc.words(unknown)
    assert pc.words(replace(PROPERTY, value=np.full(2, np.nan))) == pc.EMPTY


def test_the_axis_of_a_property_holds_the_target_if_there_is_one():
    drawn = pc.PropertyCurve("C₁₁", "GPa")
    drawn.update(PROPERTY)
    assert (drawn._target.bottom, drawn._target.top, drawn._reference.location) == (146.0, 156.0, 151.0)
    assert drawn._ends.data["value"] == [146.0, 156.0]
    drawn.update(replace(PROPERTY, reference=None))
    assert not drawn._target.visible
    assert drawn.figure.yaxis[0].axis_label == "C₁₁ (GPa)"


def entropies(n_properties=2):
    values = np.random.default_rng(0).standard_normal((8, 3, n_properties))
    found = gaussian_entropy(values)
    return pe.PropertyEntropy(np.array([10, 20, 30]), {f"p{k}": found[:, k] for k in range(n_properties)}, 8)


def test_entropies_are_corrected_for_few_members_and_carry_their_error():
    followed = entropies()
    points, lines = pe.data(followed)
    expected = np.concatenate(list(followed.entropy.values())) - entropy_bias(8)
    np.testing.assert_allclose(points["entropy"], expected)
    np.testing.assert_allclose(points["high"] - points["low"], 2 * entropy_std(8))
    assert points["labels"].tolist() == [10, 20, 30] * 2
    assert np.abs(points["label"] - points["labels"]).max() < 1, "bars stand beside each other"
    assert lines["name"].tolist() == ["p0", "p1"]


def test_more_properties_than_colours_are_told_apart():
    points, _ = pe.data(entropies(7))
    looks = {(color, marker) for color, marker in zip(points["color"], points["marker"], strict=True)}
    assert len(looks) == 7
    assert pe.key(entropies(7)).count("<i class=") == 8


def test_what_is_on_target_is_said():
    low = pe.PropertyEntropy(np.array([10]), {"B₀": np.array([0.5]), "C₁₁": np.array([3.0])}, 8)
    assert "On target at 1.42 nats: B₀." in pe.words(low)
    assert "0.07 nats were added for their bias, and one value is good to ± 0.29" in pe.words(low)
    assert pe.words(pe.PropertyEntropy(np.empty(0, dtype=int), {}, 8)) == pe.EMPTY


def test_figures_take_the_data_and_have_keys():
    curve, drawn = ev.EnergyVolumeCurve(), pe.PropertyEntropies()
    curve.update(KNOWN)
    assert [len(source.data["volume"]) for source in curve._sources.values()] == [3, 9, 60]
    curve.update(NOTHING)
    assert [len(source.data["volume"]) for source in curve._sources.values()] == [0, 0, 0]
    drawn.update(entropies())
    assert drawn._target.data_source.data["entropy"].tolist() == pytest.approx([1.4189], abs=1e-4)
    assert all("<i class=" in key for key in (ev.key(), pc.key()))
