"""The landscape's data: the map stands still, minima are merged by their rule, energies share one scale."""

from __future__ import annotations

import json
from concurrent.futures import Future
from types import SimpleNamespace

import numpy as np
import param
import pytest
from bokeh.models import Range1d
from scipy.spatial.distance import pdist

from dashboard.panels.map_choice import MapChoice
from dashboard.panels.pinned import Pinned
from dashboard.plots import disconnectivity
from dashboard.plots.atlas import STATES, Atlas
from dashboard.plots.axes import fit_axes
from dashboard.plots.coloring import CHOICES, LABELS, coloring, key_html
from dashboard.plots.frame import nearest
from dashboard.plots.landscape import LIMIT, Landscape, best_so_far, bounds, points, thin
from dashboard.plots.projection import Projection
from engine.core import fold
from engine.errors import StorageError
from engine.math import SAME_DISTANCE, SAME_ENERGY, Basins, best_energy, lowest
from engine.store import Barrier, Store
from tests.support import large

RNG = np.random.default_rng(3)


def test_axes_are_orthonormal_and_the_first_holds_most_of_the_variance():
    features = RNG.normal(size=(50, 6)) * [9, 1, 4, 1, 1, 1]
    fitted = Projection.fit(features)
    assert fitted.axes @ fitted.axes.T == pytest.approx(np.eye(2), abs=1e-12)
    assert abs(fitted.axes[0, 0]) > 0.95
    assert abs(fitted.axes[1, 2]) > 0.95
    spread = fitted.apply(features).var(axis=0) / features.var(axis=0).sum()
    assert spread == pytest.approx(fitted.explained)


def test_the_sign_of_an_axis_does_not_depend_on_the_order_of_the_structures():
    features = RNG.normal(size=(20, 5))
    forward, backward = Projection.fit(features), Projection.fit(features[::-1])
    assert forward.axes == pytest.approx(backward.axes, abs=1e-9)
    assert (forward.axes[[0, 1], np.abs(forward.axes).argmax(axis=1)] > 0).all()


def test_refitted_axes_leave_structures_where_they_were_as_far_as_the_plane_allows():
    features = RNG.normal(size=(200, 8)) * [9, 8, 4, 2, 1, 1, 1, 1] + 50
    places = Projection.fit(features[:30]).apply(features)
    fitted = Projection.fit(features)
    turned = fitted.turned(features, places)
    before, after = fitted.apply(features), turned.apply(features)
    assert pdist(after) == pytest.approx(pdist(before)), "the plane is the same"
    assert turned.axes @ turned.axes.T == pytest.approx(np.eye(2), abs=1e-12)
    assert after.var(axis=0) / features.var(axis=0).sum() == pytest.approx(turned.explained)
    moved = np.linalg.norm(after - places)
    for angle in np.linspace(0, 2 * np.pi, 25):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for mirror in ([1, 1], [1, -1]):
            assert moved <= np.linalg.norm((before * mirror) @ turn - places) + 1e-9
    same = Projection.fit(features[:30]).turned(features[:30], places[:30])
    assert same.apply(features) == pytest.approx(places)


@pytest.mark.parametrize("features", [np.ones((1, 4)), np.ones((7, 4)), np.arange(3.0)[:, None]])
def test_a_map_of_what_does_not_vary_is_finite(features):
    places = Projection.fit(features).apply(features)
    assert places.shape == (len(features), 2)
    assert np.isfinite(places).all()
    assert Projection.fit(features).turned(features, places).apply(features) == pytest.approx(places)


def test_visits_of_a_minimum_are_merged_and_neighbours_are_not():
    one = np.array([100.0, 0.0, 0.0])
    features = np.array([one, one * (1 + SAME_DISTANCE / 2), one, one * (1 + 3 * SAME_DISTANCE), one])
    energy = np.array([-1.0, -1.0 + SAME_ENERGY / 2, -1.0 + 2 * SAME_ENERGY, -1.0, -1.0])
    assert Basins().assign(energy, features, unread).tolist() == [0, 0, 2, 3, 0]


@pytest.mark.parametrize("ends", [(1, 60, 61, 200), range(1, 201)])
def test_minima_do_not_depend_on_how_the_proposals_were_read(ends):
    # as on a landscape: visits lie within the reach of each other, minima beyond it, all along few directions
    centres = RNG.normal(size=(27, 5)) @ RNG.normal(size=(5, 60)) + 100
    group = RNG.integers(0, 27, 200)
    length = np.linalg.norm(centres, axis=1).mean()
    features = centres[group] + RNG.normal(0, SAME_DISTANCE * length / 40, (200, 60))
    energy = RNG.uniform(0, 0.004, 200)
    whole = Basins().assign(energy, features, unread)
    pieces, basins, read = [], Basins(), []

    def read_again(rows):
        read.extend(rows)
        return features[rows]

    for end in ends:
        start = sum(map(len, pieces))
        pieces.append(basins.assign(energy[start:end], features[start:end], read_again))
    assert np.concatenate(pieces).tolist() == whole.tolist()
    # the first of each group, found by comparing all with all
    assert whole.tolist() == [int(np.flatnonzero(group == k)[0]) for k in group]
    assert len(read) < 3 * 200, "what coordinates rule out is not read, though every energy is alike"


def unread(rows):
    raise AssertionError(f"{rows} are at hand")


def test_the_list_of_minima_is_by_energy_with_visits():
    energy = np.array([-1.0, -3.0, -1.5, -3.1, -2.0])
    minima, total = lowest(energy, np.array([0, 1, 0, 1, 4]), 2)
    assert [(m.index, m.visits) for m in minima] == [(3, 2), (4, 1)]
    assert total == 3


def test_energies_without_a_correction_are_shifted_onto_the_scale_of_the_labels():
    nan = np.nan
    base, score = np.array([-40.0, -39.0, -38.0]), np.array([nan, -1239.5, nan])
    energy, shift = best_energy(base, score, np.array([-1240.0, nan, nan]))
    assert shift == -1200.0
    assert energy.tolist() == [-1240.0, -1239.5, -1238.0]
    assert best_energy(base, np.full(3, nan), np.full(3, nan))[0].tolist() == base.tolist()


def test_thinning_keeps_who_was_asked_about_and_only_adds_while_it_can():
    keep = np.array([7, 49_999])
    assert thin(LIMIT, keep).tolist() == list(range(LIMIT))
    drawn = thin(50_000, keep)
    assert len(drawn) <= LIMIT + len(keep)
    assert set(keep) <= set(drawn)
    assert set(drawn) <= set(thin(60_000, keep))
    assert thin(0, np.array([], dtype=int)).size == 0


def test_the_staircase_ends_at_the_last_structure():
    stairs = best_so_far(np.array([-1.0, 0.0, -2.0, -1.5]))
    assert stairs["number"].tolist() == [1, 3, 4]
    assert stairs["energy"].tolist() == [-1.0, -2.0, -2.0]
    assert best_so_far(np.empty(0))["number"].size == 0


def test_axes_show_everything_but_what_is_far_above():
    low, high = bounds(np.array([0.0, 1.0, np.nan]))
    assert (low, high) == pytest.approx((-0.05, 1.05))
    assert bounds(np.append(np.linspace(0, 1, 999), 1e6), 0.99)[1] < 1.1
    assert bounds(np.array([np.nan])) is None


@pytest.fixture(scope="module")
def campaign_folder(tmp_path_factory):
    return large.make(tmp_path_factory.mktemp("large") / "large", 40, n_found=60, n_labelled=12)


@pytest.fixture
def store(campaign_folder):
    store = Store(campaign_folder)
    yield store
    store.close()


def test_an_atlas_holds_what_the_store_holds(store):
    campaign = fold(store.events())
    atlas = Atlas()
    assert atlas.read(store, campaign)
    assert not atlas.read(store, campaign)
    assert len(atlas) == store.count_proposals() == 112
    states = [STATES[k] for k in atlas.columns["state"]]
    assert (states.count("labelled"), states.count("waiting")) == (12, 40)
    assert (
        atlas.columns["label"][atlas.row(campaign.labels[0])]
        == campaign.candidates[campaign.labels[0]].label_eV
    )
    assert np.isfinite(atlas.columns["x"]).all()


def test_an_atlas_read_in_pieces_is_the_same(store, monkeypatch):
    campaign = fold(store.events())
    whole, pieces = Atlas(), Atlas()
    whole.read(store, campaign)
    monkeypatch.setattr("dashboard.plots.atlas.PIECE", 30)
    monkeypatch.setattr("dashboard.plots.atlas.FIRST", 30)
    pieces.read(store, campaign)
    axes = pieces.projection.axes
    while pieces.read(store, campaign):
        pass
    assert pieces.projection.axes is axes
    for name in ("base", "score", "std", "label", "energy", "state", "basin"):
        assert np.array_equal(whole.columns[name], pieces.columns[name], equal_nan=True), name


def test_axes_are_fitted_in_a_worker_and_what_was_found_meanwhile_lies_on_them_too(store, monkeypatch):
    monkeypatch.setattr("dashboard.plots.atlas.PIECE", 50)
    monkeypatch.setattr("dashboard.plots.axes.PIECE", 40)
    campaign, atlas = fold(store.events()), Atlas()
    while len(atlas) < 100:
        atlas.read(store, campaign)
    axes = fit_axes(store.folder, atlas.places)
    assert axes.projection.n_fitted == len(axes.places) == 100
    while atlas.read(store, campaign):
        pass
    epoch = atlas.epoch
    atlas.take(axes, store)
    assert atlas.epoch == epoch + 1
    known = store.features(atlas.candidate)
    features = np.stack([known[name] for name in atlas.candidate])
    assert len(features) == 112
    assert atlas.places == pytest.approx(axes.projection.apply(features))
    best = Projection.fit(features[:100])
    assert pdist(atlas.places[:100]) == pytest.approx(pdist(best.apply(features[:100])))


def test_the_page_says_that_axes_are_fitted_and_what_went_wrong(store):
    campaign, atlas, answers = fold(store.events()), Atlas(), []

    def ask(_, task, *arguments):
        assert task is fit_axes
        answers.append((arguments, Future()))
        return answers[-1][1]

    choice = MapChoice(SimpleNamespace(runtime=SimpleNamespace(ask=ask)), print)
    atlas.read(store, campaign)
    choice.refit(atlas, store)
    choice.draw(atlas, store, len(atlas))
    assert "A worker fits the axes" in choice.words._pane.object
    answers[0][1].set_exception(StorageError("the disk is gone"))
    choice.draw(atlas, store, len(atlas))
    assert "No axes could be fitted: the disk is gone. These are the last ones." in choice.words._pane.object
    choice.refit(atlas, store)
    arguments, answer = answers[1]
    answer.set_result(fit_axes(*arguments))
    before = atlas.projection
    choice.draw(atlas, store, len(atlas))
    assert "axes" not in choice.words._pane.object
    assert atlas.projection is answer.result().projection is not before


def test_figures_stream_what_is_new_and_patch_what_changed(store, monkeypatch):
    monkeypatch.setattr("dashboard.plots.atlas.PIECE", 50)
    campaign = fold(store.events())
    atlas, plots = Atlas(), Landscape(print, print)
    atlas.read(store, campaign)
    assert plots.update(atlas, None, follow=False)
    first, kept = plots._source.data, plots.figures["map"].x_range.end
    while atlas.read(store, campaign):
        plots.update(atlas, None, follow=False)
    assert not plots.update(atlas, None, follow=False)
    assert plots.drawn == 112
    assert plots._source.data is first, "streamed, not replaced"
    assert plots.figures["map"].x_range.end == kept, "axes stay where they are unless they follow"
    atlas.columns["std"][5], atlas.touched[5] = 9.0, atlas.version + 1
    atlas.version += 1
    plots.update(atlas, None, follow=True)
    expected = points(atlas, np.arange(112))
    for name, column in plots._source.data.items():
        assert np.array_equal(np.asarray(column, dtype=np.float32), expected[name], equal_nan=True), name


def test_who_looks_elsewhere_holds_no_point_and_finds_them_where_they_were(store):
    atlas, plots = Atlas(), Landscape(print, print)
    atlas.read(store, fold(store.events()))
    plots.update(atlas, None, follow=False)
    before = {name: np.array(column) for name, column in plots._source.data.items()}
    asked = len(plots._asked.data["x"])
    assert min(plots.drawn, asked) > 0
    plots.figures["map"].x_range.update(start=-0.25, end=0.25)  # a person zoomed
    plots.forget()
    assert plots.drawn == len(plots._source.data["x"]) == len(plots._asked.data["x"]) == 0
    assert plots.update(atlas, None, follow=False)
    assert len(plots._asked.data["x"]) == asked
    for name, column in plots._source.data.items():
        np.testing.assert_array_equal(column, before[name])
    assert (plots.figures["map"].x_range.start, plots.figures["map"].x_range.end) == (-0.25, 0.25)
    plots.forget()
    atlas.epoch += 1  # the axes were fitted anew meanwhile
    plots.update(atlas, None, follow=False)
    assert plots.figures["map"].x_range.end != 0.25


def test_branches_merge_at_barriers_and_are_dashed_where_those_are_bounds(store):
    atlas = Atlas()
    atlas.read(store, fold(store.events()))
    basin, energy = atlas.columns["basin"], atlas.columns["energy"]
    a, b, c, d = (minimum.index for minimum in lowest(energy, basin, 4)[0])
    names = [atlas.candidate[row] for row in (a, b, c, d)]
    top = energy[d] - energy[a]

    def barrier(i, j, height, converged, model="m-0001"):
        """Whose band was found on this scale of energies."""
        rises = [height - (energy[row] - energy[a]) for row in (atlas.row(names[i]), atlas.row(names[j]))]
        return Barrier(names[i], names[j], model, tuple(rises), converged, 1.0)

    rows = (
        barrier(1, 0, top + 0.3, True),
        barrier(0, 1, top + 0.9, False, "m-0002"),  # a bound does not take the place of a saddle
        barrier(1, 2, top + 0.5, True),
        barrier(0, 3, top + 0.7, False),
        Barrier(names[2], names[3], "m-0001", None, False, 1.0, "the potential has no energy"),
    )
    tree = disconnectivity.data(atlas, rows)
    assert tree.leaves["candidate"] == names
    assert tree.leaves["place"].tolist() == [0, 1, 2, 3]
    assert tree.leaves["above"] == pytest.approx(energy[[a, b, c, d]] - energy[a])
    assert [line[1] for line in tree.lines["ys"]] == pytest.approx(np.repeat([0.3, 0.5, 0.7], 2) + top)
    # c is joined by its own saddle; the lowest, a, gets to it only through b
    assert tree.lines["dash"] == ["solid", "solid", "dashed", "solid", "dashed", "dashed"]
    assert np.isnan(tree.leaves["out"][0])
    assert tree.leaves["out"][1] == pytest.approx(top + 0.3 - (energy[b] - energy[a]))
    assert (tree.bounds, tree.minima) == (2, len(set(basin)))
    assert "<b>4</b> of" in disconnectivity.words(tree)
    plot = disconnectivity.DisconnectivityTree(print)
    assert not plot.update(atlas, ())
    assert plot.update(atlas, rows)
    plot.focus(c)
    assert plot._focus.data["place"] == [2]


class Tab(param.Parameterized):
    """What the tray sees of a session."""

    candidate = param.String(default=None, allow_None=True)
    campaign = param.String(default="one")


def test_the_tray_keeps_what_was_pinned_lowest_first_and_shows_what_is_known(store):
    atlas, tab = Atlas(), Tab()
    atlas.read(store, fold(store.events()))
    pinned = Pinned(tab)

    def shown():
        pinned.draw(atlas, store)
        return [item["id"] for item in json.loads(pinned.tray.sent)]

    pinned.toggle()
    assert shown() == [], "nothing is on the screen"
    low, _, high = (
        atlas.candidate[m.index] for m in lowest(*map(atlas.columns.get, ("energy", "basin")), 3)[0]
    )
    for name in (high, low, "c-999999"):  # the last one is not found yet
        tab.candidate = name
        pinned.toggle()
    assert shown() == [low, high]
    first, _ = json.loads(pinned.tray.sent)
    assert first["facts"] == "0.000 eV"
    assert first["picture"].startswith("data:image/svg+xml")
    tab.campaign = "another"
    assert shown() == []
    tab.campaign = "one"
    pinned._remove("c-000000")
    pinned._remove(low)
    assert shown() == [high]
    pinned.tray.selected = high
    assert tab.candidate == high
    pinned.toggle()
    assert shown() == []


def test_a_click_means_the_point_nearest_in_pixels():
    plot = SimpleNamespace(x_range=Range1d(0, 10), y_range=Range1d(0, 1), inner_width=1000, inner_height=100)
    across, up = [1.0, 1.1, 5.0], [0.5, 0.1, np.nan]
    assert nearest(plot, SimpleNamespace(x=1.01, y=0.4), across, up) == 0
    assert nearest(plot, SimpleNamespace(x=1.0, y=0.15), across, up) == 1
    assert nearest(plot, SimpleNamespace(x=5.0, y=0.5), across, up) is None
    assert nearest(plot, SimpleNamespace(x=None, y=0.5), across, up) is None
    assert nearest(plot, SimpleNamespace(x=1.0, y=0.5), [], []) is None


@pytest.mark.parametrize("field", CHOICES.values())
def test_every_colouring_has_a_key(store, field):
    atlas = Atlas()
    atlas.read(store, fold(store.events()))
    colors = coloring(field, atlas)
    text = key_html(colors)
    if field in LABELS:
        assert LABELS[field] in text
    else:
        assert sum(colors.counts) == len(atlas)
    assert colors.low < colors.high


def test_few_labels_have_an_outline_and_thousands_are_dots(store, monkeypatch):
    atlas, plots = Atlas(), Landscape(print, print)
    atlas.read(store, fold(store.events()))
    plots.update(atlas, None, follow=False)
    assert {(glyph.size, glyph.line_color) for glyph in plots._over} == {(9, "white")}
    monkeypatch.setattr("dashboard.plots.landscape.CROWD", 5)
    atlas.columns["state"][:] = 3
    atlas.version += 1
    plots.update(atlas, None, follow=False)
    assert len(plots._asked.data["number"]) == len(atlas) > 5
    assert {(glyph.size, glyph.line_color) for glyph in plots._over} == {(5, None)}
