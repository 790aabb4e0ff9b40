"""The two campaigns that are killed: one that a policy runs, and one that a scripted person decides.

Their steps are as cheap as they can be: a round is mostly Python starting.
"""

import os
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import StringIO
from time import monotonic, sleep, time

from engine.cli.app import app
from engine.core import (
    AdoptVetoRule,
    ChangeBudget,
    CommandRefused,
    DropVetoRule,
    EditCandidate,
    Status,
    UndoDecision,
    VetoRule,
    fold,
)
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
hold = {hold}
[reference]
name = "ase"
calculator = "tests.support.witness_emt:WitnessEMT"
"""

BUDGET = {"auto": 3, "person": 3}
RAISED = 5
"""What the person allows once all is promised."""
KINDS = tuple(BUDGET)

DEFERRED, FAILS, HANGS, TURNED_DOWN = 0, 1, 2, 3
"""Which candidates, in the order they were selected, the person hesitates over or meets trouble with."""

ADA = {"by": "ada", "auth": "local"}
RULE = VetoRule("closest pair", "above", 0.0)  # flags whatever waits
EVENTS = {
    "approve": "CandidateApproved",
    "veto": "CandidateVetoed",
    "defer": "CandidateDeferred",
    "send": "HoldEnded",
    "cancel": "CancelRequested",
    "retry": "RetryApproved",
    "undo": "DecisionUndone",
    "edit": "EditAsked",
    "adopt": "VetoRuleAdopted",
    "drop": "VetoRuleDropped",
    "raise": "BudgetChanged",
}
"""What the person can say, and the event that grants it."""

FITTED = ("-", "ModelRefitted")

CAMPAIGNS = {"VetoRuleAdopted", "VetoRuleDropped", "BudgetChanged"}
"""Those that are about no candidate."""

WISHES = {
    "undo": lambda candidate: UndoDecision(**ADA, candidate=candidate),
    "edit": lambda candidate: EditCandidate(**ADA, candidate=candidate, steps=1),
    "adopt": lambda _: AdoptVetoRule(**ADA, trait=RULE.trait, side=RULE.side, limit=RULE.limit),
    "drop": lambda _: DropVetoRule(**ADA, rule=RULE.name),
    "raise": lambda _: ChangeBudget(**ADA, budget=RAISED),
}
"""What is said on a page only; everything else is said by ``deltadesk decide``."""

DECISIONS = "decisions.txt"
PATIENCE = 60.0  # s that a wish of a page waits for whoever runs the campaign


def make(folder, kind, *, budget=None, hold=3600.0):
    """Write a campaign that is about to be killed, and return its folder."""
    folder.mkdir(parents=True)
    (folder / "campaign.toml").write_text(TOML.format(kind=kind, budget=budget or BUDGET[kind], hold=hold))
    return folder


def log_of(folder):
    """The campaign's events; none while there is no log."""
    try:
        store = Store(folder)
    except DeltadeskError:
        return []
    try:
        return store.events()
    finally:
        store.close()


def person(folder):
    """Decide until the campaign is finished; write down what was asked and what was answered.

    One candidate is deferred, under a rule that flags it, and approved later. One's calculation does not
    converge, and is asked for again with another setting; one's hangs, and is cancelled and then vetoed. One
    is approved, and that is undone; it is vetoed, approved in vain, and edited. Every other is approved once
    all that is told and a model is fitted, and calculated again if its job was killed. An approval is held
    until it is sent; the budget is raised when all of it is promised.
    """
    while (campaign := fold(log := log_of(folder))).state != "finished":
        told = {(about(item.event), item.event.kind) for item in log}
        selected = sorted(campaign.candidates.values(), key=lambda c: (c.selected_time, c.rank))
        for place, candidate in enumerate(selected):
            if place > TURNED_DOWN and not told >= {(selected[TURNED_DOWN].id, "EditAsked"), FITTED}:
                break  # or, by chance, the budget is spent before, or all labels come before the first fit
            verdict = _verdict(campaign, told, place, candidate)
            if verdict == "cancel" and not _started(folder, candidate.id):
                continue  # a calculation that runs is harder to end than one that does not
            if verdict:
                if verdict == "approve":
                    _prepare(folder, place, candidate.id)
                _say(folder, candidate.id, verdict)
        sleep(0.02)


def about(event):
    """Whom an event is about: its candidate, or the one that is edited; "-": the campaign."""
    return getattr(event, "candidate", None) or getattr(event, "parent", None) or "-"


def _verdict(campaign, told, place, candidate):
    """What comes next, by what the log tells; "" if nothing does."""

    def is_told(kind):
        return not told.isdisjoint({(candidate.id, kind), ("-", kind)})

    match candidate.status:
        case Status.WAITING if place == DEFERRED and not is_told("CandidateDeferred"):
            pending = [verdict for verdict in ("adopt", "drop", "defer") if not is_told(EVENTS[verdict])]
            return pending[0]
        case Status.WAITING if place == TURNED_DOWN and is_told("DecisionUndone"):
            return "veto"
        case Status.WAITING | Status.DEFERRED if campaign.left:
            return "approve"
        case Status.APPROVED if place == TURNED_DOWN:
            return "undo"
        case Status.APPROVED if not campaign.left and campaign.rules.budget < RAISED:
            return "raise"
        case Status.APPROVED if candidate.decision.hold_s == campaign.rules.hold:
            return "send"
        case Status.VETOED if place == TURNED_DOWN and not is_told("CommandRefused"):
            return "approve"
        case Status.VETOED if place == TURNED_DOWN and not is_told("EditAsked"):
            return "edit"
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


def _say(folder, candidate, verdict):
    """Say it, and write down where no campaign can lose it what was asked and how it was answered."""
    subject = "-" if EVENTS[verdict] in CAMPAIGNS else candidate
    _note(folder, "asked", subject, verdict)
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), suppress(DeltadeskError):
        refused = (_post if verdict in WISHES else _decide)(folder, candidate, verdict)
        _note(folder, "refused" if refused else "acknowledged", subject, verdict)


def _decide(folder, candidate, verdict):
    """Exit code of the command line: 1 if it says no."""
    words = ["decide", str(folder), candidate, verdict]
    words += ["--setting", "patience=1"] if verdict == "retry" else []
    return app(words, standalone_mode=False)


def _post(folder, candidate, verdict):
    """Whether a page would be told no."""
    store = Store(folder)
    try:
        command_id = store.post(WISHES[verdict](candidate), time())
        patience = monotonic() + PATIENCE
        while not (answer := store.answer(command_id)):
            if monotonic() > patience:
                raise DeltadeskError("nobody answers")
            sleep(0.02)
        return any(isinstance(item.event, CommandRefused) for item in answer)
    finally:
        store.close()


def _note(folder, *words):
    with (folder / DECISIONS).open("a") as file:
        file.write(" ".join(words) + "\n")
        file.flush()
        os.fsync(file.fileno())
