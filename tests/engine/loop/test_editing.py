"""A person moves atoms: what comes of it is another candidate, made once, whatever is killed."""

import re
import signal
import time
from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms

from engine.core import CandidateEdited, EditCandidate, Status
from engine.errors import StructureError
from engine.loop.editing import moved
from engine.loop.messages import Edit
from engine.loop.tasks import perform
from engine.store import Store
from tests.engine.loop.test_crash import campaign, start, wait_for
from tests.support import history, toy

ADA = {"by": "ada", "auth": "local"}


def edited(folder):
    return [item.event for item in history.events(folder) if isinstance(item.event, CandidateEdited)]


def structures(folder, *names):
    store = Store(folder)
    found = store.structures(names)
    rows = store.proposals(names)
    store.close()
    return found, rows


@pytest.fixture(scope="module")
def paused(tmp_path_factory):
    """A toy campaign with a candidate that waits; its runner was killed before an edit was made."""
    folder = toy.make(tmp_path_factory.mktemp("edit") / "toy", policy="person", budget=3, pace="live")
    server = start(folder, DELTADESK_CRASH="after:EditAsked:1")
    parent = wait_for(lambda: campaign(folder).waiting, 180)[0].id
    (before,), _ = structures(folder, parent)
    place = before.positions[2] + [0.0, 0.0, 0.4]
    wish = EditCandidate(**ADA, candidate=parent, moves=((2, *map(float, place)),), steps=0)
    store = Store(folder)
    command_id = store.post(wish, time.time())
    assert server.wait(timeout=180) == -signal.SIGKILL
    assert store.answer(command_id) is None or campaign(folder).edits
    store.close()
    server = start(folder)
    wait_for(lambda: edited(folder), 180)
    server.send_signal(signal.SIGINT)
    server.wait(timeout=180)
    return folder, parent, before, place


def test_an_edit_is_made_once_after_a_kill_and_waits_to_be_decided(paused):
    folder, parent, before, place = paused
    (event,) = edited(folder)
    assert event.parent == parent
    assert event.reason == f"{parent}, edited: 1 atom moved by 0.40 Å."
    candidate = campaign(folder).candidates[event.candidate]
    assert (candidate.status, candidate.parent, candidate.generator) == (Status.WAITING, parent, "edit")
    (after,), (row,) = structures(folder, event.candidate)
    assert row.parent == parent
    expected = before.positions.copy()
    expected[2] = place
    np.testing.assert_allclose(after.positions, expected, atol=1e-12)
    assert candidate.energy_eV == pytest.approx(row.base_energy)
    assert not campaign(folder).edits


def ask(folder, parent, moves, steps):
    from engine.config import load

    return perform(Edit(folder, load(folder), "m-0000", "e-0007", parent, "random-search", moves, steps))


def test_some_steps_of_relaxation_go_down(paused):
    folder, parent, _, place = paused
    moves = ((2, *map(float, place)),)
    as_put, relaxed = ask(folder, parent, moves, 0), ask(folder, parent, moves, 8)
    assert relaxed.found.score.energy < as_put.found.score.energy - 1e-3
    assert relaxed.why.endswith("1 atom moved by 0.40 Å, then relaxed for 8 steps at most.")
    assert not np.allclose(relaxed.found.structure.positions[2], place)


@pytest.mark.parametrize(
    ("moves", "why"),
    [
        (((99, 0.0, 0.0, 0.0),), r"c-\d+ has 5 atoms: there is no atom 99"),
        (((0, 50.0, 0.0, 0.0), (1, 50.0, 0.0, 0.0)), r"no finite energy|Error: "),
        (
            ((0, 1e8, 0.0, 0.0), (1, 1e8, 0.0, 0.0)),
            r"atom 0 of c-\d+ would lie beyond 10000 Å: put it back",
        ),
    ],
)
def test_what_cannot_be_made_says_why(paused, moves, why):
    folder, parent, *_ = paused
    answer = ask(folder, parent, moves, 0)
    assert answer.found is None
    assert re.search(why, answer.why)


@pytest.mark.parametrize(
    ("far", "why"),
    [
        (101.0, "the atoms of c-00001 would lie more than 100 Å apart"),
        (9.9e3, "the atoms of c-00001 would lie more than 100 Å apart"),
        *((far, "atom 1 of c-00001 would lie beyond 10000 Å") for far in (1e4, -1e300, np.inf, np.nan)),
    ],
)
@pytest.mark.parametrize("axis", range(3))
def test_an_atom_that_is_put_far_away_is_refused_before_anything_is_calculated(far, why, axis):
    place = [0.0, 0.0, 0.0]
    place[axis] = far
    with pytest.raises(StructureError, match=why):
        moved(Atoms("Ag2"), SimpleNamespace(parent="c-00001", moves=((1, *place),)))


def test_atoms_of_a_large_cell_may_be_put_anywhere_in_it():
    request = SimpleNamespace(parent="c-00001", moves=((1, 0.0, 149.0, 0.0),))
    structure = moved(Atoms("Ag2", cell=[10, 150, 10], pbc=True), request)
    assert structure.positions[1, 1] == 149.0
