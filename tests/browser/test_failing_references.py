"""Calculations that fail, in a real browser: why, at what cost, and what a person does about it."""

import re
import time

import pytest
from playwright.sync_api import expect

from engine.core import ApproveCandidate, Status
from engine.store import Store
from tests.crash import toys
from tests.engine.loop.test_crash import campaign, wait_for
from tests.support.toy import REPOSITORY

pytestmark = pytest.mark.browser
APP = REPOSITORY / "dashboard"


@pytest.fixture
def folder(tmp_path):
    """A campaign whose calculations do not converge unless they are told to be patient."""
    made = toys.make(tmp_path / "home" / "toy", "person", budget=9, hold=0.0)
    with (made / "campaign.toml").open("a") as file:
        file.write('settings = {failure = "raise"}\npause_after = 2\n')
    return made


@pytest.fixture
def server(serve, folder):
    hold = folder.parent.parent / "hold"
    environment = {
        "DELTADESK_HOME": str(folder.parent),
        "DELTADESK_WITNESS": str(folder / "witness.txt"),
        "DELTADESK_WITNESS_HOLD": str(hold),
        "PYTHONPATH": str(REPOSITORY),
    }
    return serve(APP, env=environment), hold


def approve_next(folder):
    """Somebody else approves the candidate that waits longest; its id."""
    waiting = wait_for(lambda: campaign(folder).waiting)
    store = Store(folder)
    store.post(ApproveCandidate(candidate=waiting[0].id, by="ada", auth="local"), time.time())
    store.close()
    return waiting[0].id


def failure(page, candidate):
    return page.locator(".dd-failures .failure").filter(has_text=candidate)


def test_what_a_person_meets_when_calculations_fail(server, page, folder):
    desk, hold = server
    page.goto(f"{desk.url}?campaign=toy&page=runs")
    page.locator(".dd-open button").click()
    page.get_by_role("button", name="Live").click()

    # it fails: kind, words, what to do, cost, last lines
    first = approve_next(folder)
    card = failure(page, first)
    expect(card).to_contain_text("not-converged")
    expect(card).to_contain_text("The calculation did not converge.")
    expect(card).to_contain_text("a veto spares the next one")
    expect(card).to_contain_text(re.compile(r"attempt 1; it cost \d+ m?s"))
    card.locator("summary").click()
    expect(card.locator("pre")).to_contain_text("RuntimeError: SCF did not converge in 3 cycles")
    expect(card.locator("pre")).to_contain_text("Traceback (most recent call last)")

    # what cannot be a setting is one line, and nothing is asked for
    settings = page.locator(".dd-retry-settings textarea").first
    settings.fill("patience")
    page.locator(".dd-retry button").click()
    expect(page.locator(".dd-toast")).to_contain_text("'patience' is not KEY = VALUE")
    assert campaign(folder).candidates[first].attempt == 1

    # retried with another setting it is labelled
    settings.fill("patience = 1\ntime_limit = 30.0")
    page.locator(".dd-retry button").click()
    expect(page.locator(".dd-log")).to_contain_text(f"{first} labelled")
    expect(page.locator(".dd-log")).to_contain_text("patience = 1, time_limit = 30 s")
    expect(card).to_have_count(0)

    # the next fails and is vetoed where it is shown
    second = approve_next(folder)
    expect(failure(page, second)).to_contain_text("not-converged")
    page.locator(".dd-veto-failed button").click()
    expect(failure(page, second)).to_have_count(0)
    assert campaign(folder).candidates[second].status is Status.VETOED

    # a running one is cancelled, with what it has cost
    hold.touch()
    third = approve_next(folder)
    job = page.locator(".dd-jobs .dd-job").filter(has_text=third)
    expect(job).to_contain_text(re.compile(r"attempt 1, \d+ s so far"))
    wait_for((folder / "references" / f"{third}-1" / "job.lock").exists)
    page.locator(".dd-cancel button").click()
    expect(failure(page, third)).to_contain_text("The calculation was cancelled.")
    expect(failure(page, third)).to_contain_text(re.compile(r"it cost \d+ m?s"))
    expect(failure(page, third).locator("pre")).to_contain_text("cancelled by local")
    expect(job).to_have_count(0)
    hold.unlink()

    # two failures in a row: it pauses itself, says so, and one press goes on
    fourth = approve_next(folder)
    expect(failure(page, fourth)).to_be_visible()
    notice = page.locator(".dd-notice")
    expect(notice).to_contain_text(
        "Paused itself. 2 reference calculations in a row failed, the last one: not-converged"
    )
    expect(page.locator(".dd-state")).to_contain_text("PAUSED")
    page.get_by_role("button", name="Resume").last.click()
    expect(notice).to_be_hidden()
    expect(page.locator(".dd-state")).to_have_text(re.compile("RUNNING|WAITING"))

    # the ledger knows it all
    ledger = page.locator(".dd-ledger")
    for words in ("approved3", "vetoed1", "started5", "labelled1", "failed3", "cancelled1"):
        expect(ledger).to_contain_text(words)
    expect(ledger).to_contain_text(re.compile(r"wasted4 without a label: \d+ m?s"))
