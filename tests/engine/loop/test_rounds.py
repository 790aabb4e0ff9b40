"""SIGKILL in the middle of a search's round or trajectory: it is taken again, and nothing else changes.

GOFEE's dual points are there too: one card, one approval, two calculations.
"""

import signal
import subprocess

import numpy as np
import pytest

from engine.core import (
    CandidateApproved,
    CandidateFollowed,
    CandidateSelected,
    ModelRefitted,
    fold,
    ledger,
)
from engine.store import Store
from tests.support import history, toy
from tests.support.fatal_lj import called

BUDGET = 5
SEARCHES = """[[search]]
name = "replica-exchange"
walkers = 2
swap_every = 2
steps = 15
[[search]]
name = "gofee"
share = 3
candidates = 3
random_rounds = 1
parents = 2
steps = 10
[[search]]
name = "md"
trajectories = 2
frames = 3
steps = 4
test_frames = 3
"""
MODULES = {"replica-exchange": "replica_exchange", "gofee": "gofee", "md": "molecular_dynamics"}
"""Where each search lives."""


def campaign(folder):
    """A toy campaign of these searches, on a surface that notes who asks."""
    toy.make(folder, budget=BUDGET)
    path = folder / "campaign.toml"
    head, _, rest = path.read_text().partition("[[search]]")
    head = head.replace("ase.calculators.lj:LennardJones", "tests.support.fatal_lj:FatalLJ")
    path.write_text(head + SEARCHES + rest[rest.index("[selection]") :])
    return folder


def run(folder, fatal="", crash=""):
    """Run it in a process group of its own, which goes down as a whole."""
    told = {"DELTADESK_CALLS": str(folder / "calls"), "DELTADESK_FATAL": fatal, "DELTADESK_CRASH": crash}
    done = subprocess.run(
        toy.command("run", folder),
        env=toy.environment(folder, **told),
        start_new_session=True,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == (-signal.SIGKILL if fatal or crash else 0), done.stderr


def rounds(folder):
    """Where each search stands: rounds taken, and the state that the last one left."""
    store = Store(folder)
    found = {s.generator.partition("/")[0]: (s.steps, s.state) for s in store.searched()}
    store.close()
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = campaign(tmp_path_factory.mktemp("rounds") / "undisturbed")
    run(folder)
    return folder


def test_a_dual_point_is_labelled_on_the_approval_of_the_label_that_it_follows(undisturbed):
    log = [item.event for item in history.events(undisturbed)]
    store = Store(undisturbed)
    followed = [event for event in log if isinstance(event, CandidateFollowed)]
    assert followed
    approved = {event.candidate: event.points for event in log if isinstance(event, CandidateApproved)}
    for event in followed:
        assert approved[event.leader] == 2
        assert event.candidate not in approved
        leader, dual = store.structures([event.leader, event.candidate])
        step, forces = dual.positions - leader.positions, leader.get_forces()
        assert np.linalg.norm(step, axis=1).max() == pytest.approx(0.1)
        np.testing.assert_allclose(step * np.abs(forces).max(), forces * np.abs(step).max(), atol=1e-9)
        assert dual.get_potential_energy() < leader.get_potential_energy()
        assert store.proposals([event.candidate])[0].parent == event.leader
        (card,) = (e for e in log if isinstance(e, CandidateSelected) and e.candidate == event.leader)
        assert (card.points, card.generator) == (2, "gofee")
        assert card.reason.endswith("one step along the forces is labelled too.")
    store.close()
    now = fold(history.events(undisturbed))
    assert (now.spent, len(now.labels), now.left) == (BUDGET, BUDGET, 0)
    assert len(approved) == BUDGET - len(followed)
    assert ledger(now).asked == sum(isinstance(event, CandidateSelected) for event in log)


def test_rounds_that_were_killed_are_taken_again_to_the_same_end(undisturbed, tmp_path):
    folder = campaign(tmp_path / "killed")
    whole = called(undisturbed / "calls")
    # the last but ten: in a round after a fit, of walkers that stand, of candidates bred from labels, and in
    # the middle of trajectories that began before
    fatal = {name: whole.count(name) - 10 for name in MODULES.values()}
    place = {name: [k for k, n in enumerate(whole) if n == name][fatal[name] - 1] for name in fatal}
    for name in sorted(fatal, key=place.__getitem__):
        run(folder, fatal=f"{name}:{fatal[name]}")
        assert any(isinstance(item.event, ModelRefitted) for item in history.events(folder))
        standing, end = rounds(folder), rounds(undisturbed)
        search = next(search for search, module in MODULES.items() if module == name)
        assert 0 < standing[search][0] < end[search][0], "it was not this search's round that broke off"
    for point in ("inside:CandidateFollowed:1", "after:CandidateFollowed:1"):
        run(folder, crash=point)
    run(folder)
    assert history.course(folder) == history.course(undisturbed)
    assert rounds(folder) == rounds(undisturbed)
    assert rounds(folder)["md"][1]["frames"] is not None
    again = called(folder / "calls")
    assert all(again.count(name) > whole.count(name) for name in fatal), "no round was taken again"
