"""Trajectories as a page plays them: joined from the steps of a search, with its candidates."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from engine.core import fold
from engine.loop.trajectories import run_of
from engine.store import Store
from tests.support import dynamics


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return dynamics.make(tmp_path_factory.mktemp("home") / "md")


@pytest.fixture(scope="module")
def store(folder):
    opened = Store(folder)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def settings(store):
    return dict(fold(store.events()).settings)


def test_a_run_is_the_steps_that_began_together(folder, settings):
    runs = [run_of(folder, settings, "md/0", step) for step in range(6)]
    assert [(run.first, run.last) for run in runs] == [(0, 3)] * 4 + [(4, 5)] * 2
    first, later = runs[0].trajectories[1], runs[4].trajectories[1]
    # the first of four stretches was the measure; 2 steps of 10 fs between frames
    np.testing.assert_allclose(first.time, 0.02 * np.arange(13, 49))
    np.testing.assert_allclose(later.time, 0.02 * np.arange(1, 25))
    assert runs[0].uncertainty == "max"
    assert runs[0].u == pytest.approx(runs[5].u)


def test_each_candidate_is_the_frame_that_it_was_proposed_from(folder, store, settings):
    seen = []
    for step in (0, 4):
        for trajectory in run_of(folder, settings, "md/0", step).trajectories:
            for frame, candidate in trajectory.proposed.items():
                (structure,) = store.structures([candidate])
                (k,) = np.flatnonzero(trajectory.kept == frame)
                np.testing.assert_allclose(trajectory.positions[k], structure.positions, atol=1e-5)
                assert trajectory.columns["u"][frame] == pytest.approx(
                    structure.info["terms"]["u-max"], rel=1e-5
                )
                seen.append(candidate)
    assert sorted(seen) == sorted(fold(store.events()).candidates)


def copied(folder, tmp_path, step, **state):
    """The campaign, with something else in the state of one step."""
    changed = tmp_path / "changed"
    changed.mkdir()
    before, after = (sqlite3.connect(one / "campaign.db") for one in (folder, changed))
    with closing(before), closing(after):
        before.backup(after)
        ((text,),) = after.execute("SELECT state FROM steps WHERE step = ?", (step,)).fetchall()
        told = json.dumps({**json.loads(text), **state})
        after.execute("UPDATE steps SET state = ? WHERE step = ?", (told, step))
        after.commit()
    return changed


def test_steps_in_which_nothing_moved_are_no_run(folder, settings, tmp_path):
    changed = copied(folder, tmp_path, 0, stretch=0, walkers=[], frames=None)
    first, second = (run_of(changed, settings, "md/0", step) for step in (0, 1))
    assert (first.first, first.last, first.trajectories) == (0, 0, ())
    assert (second.first, second.last) == (1, 3)


def test_a_run_ends_where_trajectories_begin_anew(folder, settings, tmp_path):
    changed = copied(folder, tmp_path, 1, anew=True)
    runs = [run_of(changed, settings, "md/0", step) for step in (0, 1, 2)]
    assert [(run.first, run.last) for run in runs] == [(0, 1), (0, 1), (2, 3)]
    assert runs[0].trajectories[0].time[-1] == pytest.approx(0.02 * 24), "and time goes on to it"


def test_frames_whose_positions_were_not_kept_have_their_curves(folder, settings, tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    before, after = (sqlite3.connect(one / "campaign.db") for one in (folder, old))
    with closing(before), closing(after):
        before.backup(after)
        for step, text in after.execute("SELECT step, state FROM steps").fetchall():
            state = json.loads(text)
            if state["frames"]:
                del state["frames"]["positions"], state["frames"]["kept"]
            after.execute("UPDATE steps SET state = ? WHERE step = ?", (json.dumps(state), step))
        after.commit()
    trajectory = run_of(old, settings, "md/0", 2).trajectories[0]
    assert len(trajectory.time) == len(trajectory.columns["energy"]) == 36
    assert len(trajectory.kept) == len(trajectory.positions) == 0
