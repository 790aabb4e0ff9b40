"""The map of neighbours: what is alike lies together, and what lies somewhere stays there."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from dashboard.plots.atlas import Atlas
from dashboard.plots.landscape import MAPS, Landscape
from dashboard.plots.neighbours import LANDMARKS, Layout, among, landmarks, lay_out, onto
from dashboard.plots.projection import Projection
from engine.core import fold
from engine.store import Store
from tests.support import large

RNG = np.random.default_rng(5)


def test_neighbours_stay_neighbours_and_a_new_layout_lies_on_the_old_one():
    # ten groups in ten dimensions: no plane holds them apart
    group = np.repeat(np.arange(10), 12)
    features = np.eye(10)[group] * 40 + 7 * RNG.normal(size=(120, 10))
    rows = np.arange(120)
    laid = lay_out(features, rows)
    assert laid.rows is rows
    assert laid.features is features

    def of_its_group(places):
        """Share of structures whose nearest neighbour on the map is one of their own."""
        apart = cdist(places, places) + np.diag(np.full(120, np.inf))
        return np.mean(group[apart.argmin(axis=1)] == group)

    assert of_its_group(laid.places) > 0.95
    assert of_its_group(Projection.fit(features).apply(features)) < 0.6
    assert np.array_equal(lay_out(features, rows).places, laid.places), "one seed, one map"

    again = lay_out(features, rows, laid.places).places
    centres = [np.array([p[group == k].mean(axis=0) for k in range(10)]) for p in (laid.places, again)]
    near = cdist(*centres)
    assert (near.argmin(axis=1) == np.arange(10)).all(), "each group lies nearest to where it was"


def test_layouts_are_turned_mirrored_and_scaled_onto_the_one_before():
    before = RNG.normal(size=(40, 2)) * [3, 1]
    turn = np.array([[0.6, 0.8], [0.8, -0.6]])
    assert onto(3 * before @ turn + 7, before) == pytest.approx(before)


def test_a_structure_lies_among_its_nearest_and_a_landmark_where_it_was():
    known = RNG.normal(size=(50, 6)) + 300
    places = RNG.normal(size=(50, 2))
    assert among(known.astype(np.float32), known.astype(np.float32), places) == pytest.approx(
        places, abs=1e-5
    )
    between = (known[3] + known[8]) / 2
    only = among(between[None], known[[3, 8]], places[[3, 8]])
    assert only[0] == pytest.approx((places[3] + places[8]) / 2)
    # by hand: weights 1/d² of the five nearest
    at = known[7] + 0.1
    far = np.linalg.norm(known - at, axis=1)
    five = np.argsort(far)[:5]
    expected = (places[five] / far[five, None] ** 2).sum(axis=0) / (1 / far[five] ** 2).sum()
    assert among(at[None], known, places)[0] == pytest.approx(expected)
    same = np.ones((30, 4))
    assert np.isfinite(among(same, same, RNG.normal(size=(30, 2)))).all()


def test_landmarks_are_all_structures_or_as_many_as_can_be_laid_out():
    assert landmarks(30).tolist() == list(range(30))
    some = landmarks(10 * LANDMARKS)
    assert len(np.unique(some)) == LANDMARKS
    assert (np.diff(some) > 0).all()
    assert some[-1] > 9 * LANDMARKS


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return large.make(tmp_path_factory.mktemp("large") / "large", 40, n_found=60, n_labelled=12)


def test_an_atlas_takes_what_it_owes_and_places_the_rest_piece_by_piece(folder, monkeypatch):
    monkeypatch.setattr("dashboard.plots.atlas.PIECE", 50)
    monkeypatch.setattr("dashboard.plots.neighbours.LANDMARKS", 40)
    store = Store(folder)
    campaign = fold(store.events())
    atlas, plots = Atlas(), Landscape(print, print)
    while atlas.read(store, campaign):
        pass
    plots.update(atlas, None, follow=True)
    source = plots.figures["map"].renderers[0].data_source
    plane = np.array(source.data["x"])
    assert atlas.owes_layout
    features, rows, before = atlas.to_lay_out(store)
    assert (features.shape[0], before) == (40, None)
    layout = Layout(rows, features, RNG.normal(size=(40, 2)))
    atlas.lay(layout)
    assert not atlas.owes_layout
    u, v = atlas.columns["u"], atlas.columns["v"]
    assert np.column_stack([u, v])[rows] == pytest.approx(layout.places)
    reads = 0
    while atlas.read(store, campaign):
        reads += 1
    assert reads == 3, "112 structures, 50 at a time"
    assert np.isfinite([u, v]).all()
    assert np.column_stack([u, v])[rows] == pytest.approx(layout.places, abs=1e-4)

    assert plots.update(atlas, None, follow=True, places=MAPS["neighbours (UMAP)"])
    assert np.array(source.data["x"]) == pytest.approx(u, rel=1e-6)
    assert "UMAP" in plots.figures["map"].xaxis.axis_label
    assert plots.update(atlas, None, follow=True)
    assert np.array_equal(source.data["x"], plane)

    # anew: from where they are, and asked for once
    asked = atlas.layouts
    atlas.lay_out_anew()
    atlas.lay_out_anew()
    assert atlas.owes_layout
    assert atlas.layouts == (asked[0], asked[1] + 1)
    assert atlas.to_lay_out(store)[2] == pytest.approx(layout.places, abs=1e-4)
    store.close()
