"""The walkers of a search on the page Live: their ways, the thresholds, and who the viewer follows."""

import numpy as np
import pytest
from ase import Atoms

from dashboard.pages.live import Live
from dashboard.panels.walkers import NO_STD, NOT_YET, Walkers
from dashboard.plots.trajectory import ON_TARGET
from dashboard.plots.walks import ALONE, Thresholds, WalkFigures, data, entropy, key, thresholds
from engine import config
from engine.core import Campaign, ModelRefitted, RunControlled, fold
from engine.loop import Follower
from engine.loop.opening import opening_events
from engine.loop.writer import writing
from engine.math import gaussian_entropy
from engine.store import PastStore, Store, Walked
from engine.store.connection import prepare
from tests.dashboard.test_cards import Served
from tests.dashboard.test_session import tab
from tests.support import large, toy
from tests.support.walked import propose, take

FITTED = ModelRefitted(
    model_id="m-0001", n_train=5, mae_new_eV=1.0, mae_train_eV=0.1, queue_std_eV=0.3, seconds=1.0,
    probe_entropy=ON_TARGET + 0.5, probe_entropy_p95=ON_TARGET + 1.0, probe_entropy_error=0.1,
)  # fmt: skip


def campaign(folder):
    """A desk over a campaign that has only begun."""
    toy.make(folder)
    store, empty = Store.create(folder), fold([])
    with writing(store, empty, 1e9) as writer:
        for event in opening_events(empty, config.load(folder)):
            writer.append(event)
    store.close()
    return Served(folder)


@pytest.fixture
def desk(tmp_path):
    made = campaign(tmp_path / "camp")
    yield made
    made.store.close()


def write(desk, do):
    with writing(desk.store.store, fold(desk.store.store.events()), 1e9) as writer:
        return do(writer)


def drawn(desk, page):
    snapshot = desk.store.refresh()
    page._session.snapshot = snapshot
    page.draw(snapshot, desk.store.store)


def on_screen(page):
    """Which structure the viewer draws: the same atoms elsewhere are sent as a motion."""
    return (page.viewer.motion or page.viewer.scene)["id"]


def test_what_the_last_steps_came_to_is_read_walker_by_walker(desk):
    state = {"walkers": [{}, {}]}
    for step in range(4):
        write(desk, lambda w, k=step: take(w, "basin-hopping/0", k, state, w0=(-k,), w1=(-k - 0.5, 0.2)))
    write(desk, lambda w: propose(w, "basin-hopping/1", 9, 0, -9.0))
    rows = desk.store.store.walks("basin-hopping/0", 3)
    assert [(row.step, row.walker) for row in rows] == [(k, w) for k in (1, 2, 3) for w in (0, 1)]
    assert [row.energy_std for row in rows] == [None, 0.2] * 3
    assert desk.store.store.walks("nobody/0", 3) == []
    assert [desk.store.store.last_walk(f"{name}/0") for name in ("basin-hopping", "nobody")] == [3, None]


def test_a_database_from_before_walkers_were_written_down_says_nothing(desk):
    desk.store.store._plain.execute("DROP TABLE walks")
    assert desk.store.store.walks("basin-hopping/0", 3) == []
    assert desk.store.store.last_walk("basin-hopping/0") is None


ROWS = (
    Walked(0, 0, "c-000001", -10.0, "m-0000", -10.0, None),
    Walked(1, 0, "c-000002", -11.0, "m-0001", -31.5, 0.3),
    Walked(None, 1, "c-000003", -12.0, "m-0001", -32.5, 0.0),
)


def test_energies_have_one_zero_and_an_uncertainty_of_nothing_is_none():
    columns = data(ROWS, Campaign(models=(FITTED,)))
    assert columns["walker"].tolist() == [0, 1, ALONE]
    assert columns["step"].tolist() == [0, 0, 1]
    np.testing.assert_array_equal(columns["energy"], [np.nan, -31.5, -32.5])
    np.testing.assert_array_equal(columns["std"], [np.nan, 0.3, np.nan])
    np.testing.assert_array_equal(data(ROWS, Campaign())["energy"], [-10.0, -11.0, -12.0])


def test_a_labelled_structure_has_its_label(tmp_path):
    follower = Follower(large.make(tmp_path / "camp", 0, n_labelled=10, paused=True))
    campaign = follower.refresh()
    follower.close()
    name = campaign.labels[3]
    columns = data([Walked(0, 0, name, -1.0, "m-0001", -2.0, 0.1)], campaign)
    assert columns["energy"].tolist() == [campaign.candidates[name].label_eV]


def test_thresholds_are_the_target_and_the_queues_and_the_entropy_axis_fits_them():
    assert thresholds(Campaign()) == Thresholds(0.1, None)
    fitted = Campaign(models=(FITTED,))
    assert thresholds(fitted) == Thresholds(0.1, 0.3)
    assert entropy(0.1, 0.1) == pytest.approx(ON_TARGET)
    spread = np.random.default_rng(0).normal(0, 0.4, 100_000)
    assert entropy(np.std(spread, ddof=1), 0.1) == pytest.approx(gaussian_entropy(spread, 0.1))
    figures = WalkFigures(lambda *_: None)
    row = Walked(0, 0, "c-000001", -10.0, "m-0001", -30.0, 0.4)
    figures.show(data([row], fitted), 0, thresholds(fitted), fitted=True)
    assert figures._target.location == figures._band.top == 0.1
    assert figures._queue.location == 0.3
    assert "who waited" in key(thresholds(fitted))
    assert "who waited" not in key(Thresholds(0.1, None))
    assert "target" not in key(None)
    low, high = figures.figures["std"].y_range.start, figures.figures["std"].y_range.end
    assert low < 0.1
    assert high > 0.4
    shares = np.log(0.4 / low) / np.log(high / low)  # of the height, on either axis
    at = figures._entropy.start + shares * (figures._entropy.end - figures._entropy.start)
    assert at == pytest.approx(entropy(0.4, 0.1))


def test_what_was_found_before_there_were_walkers_is_on_nobodys_way():
    figures, columns = WalkFigures(lambda *_: None), data(ROWS, Campaign())
    figures.show(columns, 0, Thresholds(0.1, None), fitted=False)
    assert figures._all.data["candidate"].tolist() == ["c-000001", "c-000002"]
    assert len(figures._others["energy"].data["x"]) == 1
    figures.show(columns, ALONE, Thresholds(0.1, None), fitted=False)
    assert figures._mine.data["candidate"].tolist() == ["c-000003"]


def test_the_viewer_follows_the_chosen_walker_until_a_click_holds_it(desk):
    state, chain = {"walkers": [{}, {}], "kT": [0.02, 2.0]}, "replica-exchange/0"
    page = Walkers(tab(desk, "ada"), dark=False)
    drawn(desk, page)
    assert not page.view.visible
    first, second = write(desk, lambda w: take(w, chain, 0, state, w0=(-1.0,), w1=(-2.0,)))
    drawn(desk, page)
    assert list(page._walker.options) == ["1 of 2, kT 0.020 eV", "2 of 2, kT 2.000 eV"]
    assert on_screen(page) == first
    assert NO_STD in page._words.__panel__().object
    assert not page._panes["std"].visible

    page._walker.value = 1
    assert on_screen(page) == second
    _, third = write(desk, lambda w: take(w, chain, 1, state, w0=(-3.0, 0.2), w1=(-4.0, 0.3)))
    drawn(desk, page)
    said = page._words.__panel__().object
    assert f"<b>{third}</b>, not asked about · step 1 · σ 0.300 eV, entropy 2.52 nats" in said
    assert "−4.000 eV" in said
    assert page._panes["std"].visible
    assert page._figures._now.data["candidate"].tolist() == [third]

    page._pick(0, first)
    assert (page._walker.value, page._newest.visible) == (0, True)
    assert f"<b>{first}</b>" in page._words.__panel__().object
    fourth, _ = write(desk, lambda w: take(w, chain, 2, state, w0=(-5.0, 0.1), w1=(-6.0, 0.1)))
    drawn(desk, page)
    assert f"<b>{first}</b>" in page._words.__panel__().object
    page._look_at(None)
    assert f"<b>{fourth}</b>" in page._words.__panel__().object
    assert not page._newest.visible


def test_a_search_without_walkers_is_shown_as_points_and_another_search_can_be_chosen(desk):
    write(desk, lambda w: take(w, "basin-hopping/0", 0, {"walkers": [{}]}, w0=(-1.0, 0.2)))

    def alone(writer):
        writer.rows.step("random-search/0", 0, "m-0000", {"placed": 2}, seconds=1.0, base_seconds=0.5)
        return [propose(writer, "random-search/0", 0, None, energy, 0.4) for energy in (-2.0, -3.0)]

    names = write(desk, alone)
    page = Walkers(tab(desk, "ada"), dark=True)
    drawn(desk, page)
    assert list(page._chain.options) == ["basin hopping", "random search"]
    assert all(way.visible for way in page._figures._ways)
    page._chain.value = "random-search/0"
    drawn(desk, page)
    assert not page._walker.visible
    assert not any(way.visible for way in page._figures._ways)
    assert page._figures._mine.data["candidate"].tolist() == names


def test_a_search_that_proposed_nothing_is_not_offered_and_a_walker_that_did_not_says_so(desk):
    page = Walkers(tab(desk, "ada"), dark=False)
    write(desk, lambda w: take(w, "gofee/0", 0, {}))
    drawn(desk, page)
    assert not page.view.visible
    write(desk, lambda w: take(w, "basin-hopping/0", 0, {"walkers": [{}, {}]}, w1=(-1.0, 0.2)))
    drawn(desk, page)
    assert list(page._chain.options) == ["basin hopping"]
    assert NOT_YET in page._words.__panel__().object
    assert not any(pane.visible for pane in page._panes.values())
    page._walker.value = 1
    assert all(pane.visible for pane in page._panes.values())


def test_a_click_means_the_nearest_structure_also_on_the_logarithmic_axis():
    picked = []
    figures = WalkFigures(lambda *said: picked.append(said))
    rows = [
        Walked(k % 2, k // 2, f"c-{k}", -1.0 - k, "m-0001", -1.0 - k, 0.1 * 10 ** (k % 2)) for k in range(6)
    ]
    figures.show(data(rows, Campaign(models=(FITTED,))), 0, Thresholds(0.1, None), fitted=True)
    figures.figures["std"].x_range.update(start=0, end=4)
    figures.figures["energy"].y_range.update(start=-8, end=0)
    for figure in figures.figures.values():
        figure.set_from_json("inner_width", 400)  # as the browser would
        figure.set_from_json("inner_height", 150)

    class Tap:
        x, y = 1.02, 0.95

    figures._tapped("std", Tap())
    Tap.y = 0.11
    figures._tapped("std", Tap())
    Tap.y = -4.05
    figures._tapped("energy", Tap())
    Tap.y = 0.33  # between both, in pixels: on the axis' logarithm
    figures._tapped("std", Tap())
    assert picked == [(1, "c-3"), (0, "c-2"), (1, "c-3")]


def test_another_campaign_is_drawn_as_its_own_though_its_names_are_the_same(desk, tmp_path):
    other, chain = campaign(tmp_path / "other"), "basin-hopping/0"
    copper = Atoms("Cu3", [(0, 0, 0), (2.5, 0, 0), (0, 2.5, 0)])
    wide = {f"w{k}": (-1.0 - k,) for k in range(4)}
    first = write(desk, lambda w: take(w, chain, 0, {"walkers": [{}] * 4}, **wide))

    def two(writer):
        writer.rows.step(chain, 0, "m-0000", {"walkers": [{}] * 2}, seconds=1.0, base_seconds=0.5)
        return [propose(writer, chain, 0, walker, -9.0, structure=copper) for walker in range(2)]

    second = write(other, two)
    assert first[:2] == second
    session = tab(desk, "ada")
    page = Walkers(session, dark=False)
    drawn(desk, page)
    page._walker.value = 3
    page._pick(1, first[1])
    session.runtime = other
    drawn(other, page)
    assert list(page._walker.options) == ["1 of 2", "2 of 2"]
    assert page._pinned is None
    assert on_screen(page) == second[page._walker.value]
    assert list(page.viewer.scene["symbols"]) == ["Cu"] * 3
    other.store.close()


def test_a_page_without_walkers_says_nothing_at_each_look(desk):
    page = Live(tab(desk, "ada"), dark=False)
    told = []
    page._walkers.view.param.watch(told.append, "visible")
    page._session.snapshot = desk.store.refresh()
    page.draw()
    page.draw()
    assert not page._walkers.view.visible
    assert told == []
    write(desk, lambda w: take(w, "basin-hopping/0", 0, {"walkers": [{}]}, w0=(-1.0,)))
    page.draw()
    assert page._walkers.view.visible
    page._session.snapshot = None
    page.draw()
    assert not page._walkers.view.visible


def test_walkers_that_begin_without_an_event_are_offered_at_once(desk):
    page = Walkers(tab(desk, "ada"), dark=False)
    write(desk, lambda w: (w.rows.step("md/0", 0, "m-0000", {"walkers": []}, seconds=1.0, base_seconds=0.5),
                           propose(w, "md/0", 0, None, -1.0)))  # fmt: skip
    drawn(desk, page)
    assert list(page._walker.options) == ["all"]
    seq = desk.store.campaign.seq
    last = write(desk, lambda w: take(w, "md/0", 1, {"walkers": [{}, {}]}, w0=(-2.0,), w1=(-3.0,)))
    drawn(desk, page)
    assert desk.store.campaign.seq == seq
    assert list(page._walker.options) == ["1 of 2", "2 of 2"]
    assert on_screen(page) == last[0]


def test_in_the_past_only_what_was_known_then_is_there(desk):
    chain, state = "basin-hopping/0", {"walkers": [{}]}
    (first,) = write(desk, lambda w: take(w, chain, 0, state, w0=(-1.0,)))
    then = desk.store.refresh().seq
    write(desk, lambda w: w.append(RunControlled(action="start", by="ada", auth="local")))
    write(desk, lambda w: take(w, chain, 1, state, w0=(-2.0,)))
    past = PastStore(desk.store.store.folder, then)
    assert [one.candidate for one in past.walks(chain, 9)] == [first]
    assert (past.last_walk(chain), past.chains()) == (0, {chain: 0})
    past.close()


def test_an_old_campaign_that_runs_again_writes_its_walkers_down(desk):
    chain = "basin-hopping/0"
    desk.store.store._plain.execute("DROP TABLE walks")
    prepare(desk.store.store.path)
    (name,) = write(desk, lambda w: take(w, chain, 0, {"walkers": [{}]}, w0=(-1.0,)))
    assert [one.candidate for one in desk.store.store.walks(chain, 9)] == [name]
