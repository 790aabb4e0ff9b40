"""A campaign in each state that a person can meet, written by the real store; nobody runs it."""

from __future__ import annotations

import time

from engine.core import (
    CandidateApproved,
    ReferenceFailed,
    ReferenceSubmitted,
    RunControlled,
    fold,
)
from engine.loop.writer import writing
from engine.store import Store
from tests.support import large

WHO = {"by": "ada", "auth": "local"}
LOG = """\
iter     energy        change
 58   -1205.431     0.02214
 59   -1205.417     0.02198
 60   -1205.440     0.02207
SCF did not converge in 60 iterations"""


def events(state, waiting):
    """What leads from a paused queue into the state; `waiting` are the candidates of the queue."""
    on, first = [RunControlled(action="resume", **WHO)], {"candidate": waiting[0]}
    approved = [*on, CandidateApproved(**first, **WHO, hold_s=0)]
    running = [*approved, ReferenceSubmitted(**first, attempt=1, folder=f"references/{waiting[0]}")]
    failed = ReferenceFailed(**first, attempt=1, failure="not-converged", log=LOG, seconds=812.0)
    crash = "while fitting the model: the worker was killed (out of memory?)"
    return {
        "paused": [],
        "waiting": on,
        "held": [*on, CandidateApproved(**first, **WHO, hold_s=3600)],
        "reference-running": running,
        "reference-failed": [*running, failed],
        "pausing": [*running, RunControlled(action="pause", **WHO)],
        "crashed": [*on, RunControlled(action="crash", by="engine", auth="engine", reason=crash)],
        "stopped": [*on, RunControlled(action="stop", **WHO)],
        "finished": [*on, RunControlled(action="finish", by="engine", auth="engine", reason="budget spent")],
    }[state]


STATES = (
    "paused",
    "waiting",
    "held",
    "reference-running",
    "reference-failed",
    "pausing",
    "crashed",
    "stopped",
    "finished",
)


def make(folder, state):
    """Write a campaign of 20 labels and a queue of 8 in this state, and return its folder."""
    large.make(folder, 8, n_found=60, n_labelled=20, budget=40, paused=True)
    store = Store(folder)
    campaign = fold(store.events())
    with writing(store, campaign, time.time()) as writer:
        for event in events(state, [candidate.id for candidate in campaign.waiting]):
            writer.append(event)
    store.close()
    return folder
