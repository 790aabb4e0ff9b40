"""What a first toy campaign never meets: every other kind of event, in a campaign that has met them all."""

import os
import shutil
import signal
import time

from engine.core import (
    AdoptVetoRule,
    ApproveCandidate,
    CancelReference,
    ChangeBudget,
    DropVetoRule,
    EditCandidate,
    ReferenceChange,
    RetryReference,
    SendNow,
    Status,
    VetoCandidate,
    VetoRule,
)
from engine.store import Store
from tests.engine.loop.test_crash import campaign, start, wait_for
from tests.support import stored, toy

ADA = {"by": "ada", "auth": "local"}
GIVEN = "given"  # the campaign whose labels it begins with
GOFEE = """[[search]]
name = "gofee"
share = 3
candidates = 3
random_rounds = 1
parents = 2
steps = 10
"""
PRETRAINING = f"""
[[pretraining]]
source = "../{GIVEN}"
mix = true
"""
RULE = VetoRule("closest pair", "above", 0.0)  # flags whatever waits


def make(folder):
    """Let ada decide about a campaign that was given labels; stop it, change its settings, let it go on."""
    given = stored.unpack(folder.with_name(GIVEN))
    toy.make(folder, policy="person", pace="live", budget=4, queue=8, hold=3600.0)
    path = folder / "campaign.toml"
    head, _, tail = path.read_text().partition("[selection]")
    tail = tail.partition("[reference]")[0]
    path.write_text(f'{head}{GOFEE}[selection]{tail}[reference]\nname = "emt"\n{PRETRAINING}')
    with_server(folder, decide)
    held = "hold = 3600.0\n"
    assert held in path.read_text()
    path.write_text(path.read_text().replace(held, "hold = 0.0\ncontrol = 1.0\ncontrol_budget = 1\n"))
    with_server(folder, ask_again)
    shutil.rmtree(given)


def with_server(folder, script):
    """Run the campaign while ada follows her script."""
    server = start(folder)
    try:
        script(folder)
    finally:
        os.killpg(server.pid, signal.SIGINT)
        server.wait(timeout=60)


def post(folder, *wishes):
    """Post each, and wait until it is answered."""
    store = Store(folder)
    for wish in wishes:
        command_id = store.post(wish, time.time())
        wait_for(lambda command_id=command_id: store.answer(command_id), 60)
    store.close()


def wait_until(folder, candidate, status):
    wait_for(lambda: campaign(folder).candidates[candidate].status is status, 120)


def decide(folder):
    """A rule, a veto, an edit, a bundle of two, and a calculation that is cancelled and retried."""

    def bundle():
        waiting = campaign(folder).waiting
        return len(waiting) >= 3 and next((c.id for c in waiting if c.points == 2), None)

    leader = wait_for(bundle, 300)
    vetoed, other = [c.id for c in campaign(folder).waiting if c.id != leader][:2]
    post(
        folder,
        AdoptVetoRule(**ADA, trait=RULE.trait, side=RULE.side, limit=RULE.limit, reason="to see it"),
        DropVetoRule(**ADA, rule=RULE.name),
        VetoCandidate(**ADA, candidate=vetoed, reason="atoms too close"),
        ApproveCandidate(**ADA, candidate=vetoed),
        EditCandidate(**ADA, candidate=other, steps=2, note="a little further"),
        ApproveCandidate(**ADA, candidate=leader),
        SendNow(**ADA, candidate=leader),
    )
    wait_for(lambda: len(campaign(folder).labels) == 2, 120)
    post(folder, ApproveCandidate(**ADA, candidate=other), SendNow(**ADA, candidate=other))
    wait_until(folder, other, Status.SUBMITTED)
    post(folder, CancelReference(**ADA, candidate=other, note="by mistake"))
    wait_until(folder, other, Status.FAILED)
    post(
        folder,
        ChangeBudget(**ADA, budget=8),
        RetryReference(**ADA, candidate=other, change=ReferenceChange(time_limit=120.0)),
        SendNow(**ADA, candidate=other),
    )
    wait_until(folder, other, Status.LABELLED)


def ask_again(folder):
    """The veto is drawn for the control sample, and approved there."""
    control = wait_for(lambda: campaign(folder).candidates.controls, 120)[0].id
    post(folder, ApproveCandidate(**ADA, candidate=control))
    wait_until(folder, control, Status.LABELLED)
