"""The two campaigns that are killed: one that a policy runs, and one that a scripted person decides.

Their steps are as cheap as they can be: a round is mostly Python starting.
"""

import os
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import StringIO
from time import sleep

from engine.cli.app import app
from engine.core import Campaign, Status, fold
from engine.errors import DeltadeskError
from engine.store import Store
from tests.support import toy, witness_emt

TOML = """
name = "{kind}"
budget = {budget}
pace = "lockstep"
[system]
composition = "Cu3Ag"
cell = [12.0, 12.0, 12.0]
confinement = 7.0
[potential]
name = "ase"
calculator = "ase.calculators.lj:LennardJones"
settings = {{sigma = 2.3, epsilon = 0.4, rc = 6.0, smooth = true}}
[delta]
r_cut = 4.0
n_max = 2
l_max = 1
inducing_points = 20
[[search]]
name = "random-search"
structures = 2
steps = 5
[[search]]
name = "basin-hopping"
walkers = 2
steps = 5
[selection]
batch = 2
cold_start = 2
refit_every = 2
probe = 2
[checks]
largest_force = 100.0
duplicate_distance = 0.0
[curation]
policy = "{kind}"
hold = 0.0
[reference]
name = "ase"
calculator = "tests.support.witness_emt:WitnessEMT"
"""

BUDGET = {"auto": 3, "person": 5}
KINDS = tuple(BUDGET)

FAILS, HANGS, TURNED_DOWN = 1, 2, 3
"""Which candidates, in the order they were selected, the person meets trouble with."""

DECISIONS = "decisions.txt"


def make(folder, kind):
    """Write a campaign that is about to be killed, and return its folder."""
    folder.mkdir(parents=True)
    (folder / "campaign.toml").write_text(TOML.format(kind=kind, budget=BUDGET[kind]))
    return folder


def known(folder):
    """The campaign as its log tells it; an empty one while there is no log."""
    try:
        store = Store(folder)
    except DeltadeskError:
        return Campaign()
    try:
        return fold(store.events())
    finally:
        store.close()


def person(folder):
    """Decide by ``deltadesk decide`` until the campaign is finished; write down what was asked and answered.

    One candidate's calculation does not converge, and is asked for again with another setting; one's hangs,
    and is cancelled and then vetoed; one is vetoed at once. Every other is approved, and calculated again if
    its job was killed.
    """
    said = set()
    while (campaign := known(folder)).state != "finished":
        selected = sorted(campaign.candidates.values(), key=lambda c: (c.order, c.rank))
        for place, candidate in enumerate(selected):
            verdict = _verdict(campaign, place, candidate)
            if verdict == "cancel" and not _started(folder, candidate.id):
                continue  # a calculation that runs is harder to end than one that does not
            wish = (candidate.id, verdict, candidate.attempt)
            if verdict and wish not in said:
                _prepare(folder, place, candidate.id)
                if _decide(folder, candidate.id, verdict):
                    said.add(wish)
        sleep(0.02)


def _verdict(campaign, place, candidate):
    match candidate.status:
        case Status.WAITING if place == TURNED_DOWN:
            return "veto"
        case Status.WAITING if campaign.left:
            return "approve"
        case Status.SUBMITTED if place == HANGS and candidate.cancel is None:
            return "cancel"
        case Status.FAILED if place == HANGS:
            return "veto"
        case Status.FAILED if campaign.left:
            return "retry"
    return ""


def _prepare(folder, place, candidate):
    """Tell the reference calculator what is to happen to this candidate."""
    trouble = {FAILS: "fails.txt", HANGS: "hangs.txt"}.get(place)
    if trouble:
        (folder / trouble).write_text(_name(folder, candidate))


def _started(folder, candidate):
    starts, _ = toy.witnessed(folder)
    return _name(folder, candidate) in starts


def _name(folder, candidate):
    """What the reference calculator calls its structure."""
    store = Store(folder)
    try:
        return witness_emt.name_of(store.structures([candidate])[0])
    finally:
        store.close()


def _decide(folder, candidate, verdict):
    """Whether the command line acknowledged it; both is written down where no campaign can lose it."""
    words = ["decide", str(folder), candidate, verdict]
    words += ["--setting", "patience=1"] if verdict == "retry" else []
    _note(folder, "asked", candidate, verdict)
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), suppress(DeltadeskError):
        if not app(words, standalone_mode=False):
            _note(folder, "acknowledged", candidate, verdict)
            return True
    return False


def _note(folder, *words):
    with (folder / DECISIONS).open("a") as file:
        file.write(" ".join(words) + "\n")
        file.flush()
        os.fsync(file.fileno())
