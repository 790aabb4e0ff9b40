"""SIGKILL in the middle of a search's round: the round is taken again, and nothing else changes."""

import signal
import subprocess

from engine.core import ModelRefitted
from engine.store import Store
from tests.support import history, toy
from tests.support.fatal_lj import called

SEARCHES = """[[search]]
name = "replica-exchange"
walkers = 3
swap_every = 2
steps = 15
[[search]]
name = "gofee"
candidates = 3
random_rounds = 1
parents = 2
steps = 10
"""


def campaign(folder):
    """A toy campaign of both searches, on a surface that notes who asks."""
    toy.make(folder, budget=4)
    path = folder / "campaign.toml"
    head, _, rest = path.read_text().partition("[[search]]")
    head = head.replace("ase.calculators.lj:LennardJones", "tests.support.fatal_lj:FatalLJ")
    path.write_text(head + SEARCHES + rest[rest.index("[selection]") :])
    return folder


def run(folder, fatal=""):
    """Run it in a process group of its own, which goes down as a whole."""
    done = subprocess.run(
        toy.command("run", folder),
        env=toy.environment(folder, DELTADESK_CALLS=str(folder / "calls"), DELTADESK_FATAL=fatal),
        start_new_session=True,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == (-signal.SIGKILL if fatal else 0), done.stderr


def rounds(folder):
    """Where each search stands: rounds taken, and the state that the last one left."""
    store = Store(folder)
    found = {s.generator.partition("/")[0]: (s.steps, s.state) for s in store.searched()}
    store.close()
    return found


def test_rounds_that_were_killed_are_taken_again_to_the_same_end(tmp_path):
    undisturbed, folder = campaign(tmp_path / "undisturbed"), campaign(tmp_path / "killed")
    run(undisturbed)
    whole = called(undisturbed / "calls")
    # the last but ten: in a round after a fit, of walkers that stand and of candidates bred from labels
    fatal = {name: whole.count(name) - 10 for name in ("replica_exchange", "gofee")}
    place = {name: [k for k, n in enumerate(whole) if n == name][fatal[name] - 1] for name in fatal}
    for name in sorted(fatal, key=place.__getitem__):
        run(folder, fatal=f"{name}:{fatal[name]}")
        assert any(isinstance(item.event, ModelRefitted) for item in history.events(folder))
        standing, end = rounds(folder), rounds(undisturbed)
        search = name.replace("_", "-")
        assert 0 < standing[search][0] < end[search][0], "it was not this search's round that broke off"
    run(folder)
    assert history.course(folder) == history.course(undisturbed)
    assert rounds(folder) == rounds(undisturbed)
    again = called(folder / "calls")
    assert all(again.count(name) > whole.count(name) for name in fatal), "no round was taken again"
