"""One person, one campaign: from "Start the demo" to a label, a killed server, and everything still there."""

import os
import re
import signal
import sqlite3

import psutil
import pytest
from playwright.sync_api import expect

from engine.core import CandidateApproved, DecisionUndone, ReferenceCompleted
from tests.support import history
from tests.support.toy import REPOSITORY

pytestmark = pytest.mark.browser
APP = REPOSITORY / "dashboard"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


def visible_ids(page):
    return page.locator(".dd-card").evaluate_all("cards => cards.map(card => card.dataset.id)")


def selected(page):
    return page.locator('.dd-queue [aria-selected="true"]')


def press(page, *keys):
    page.locator("body").click(position={"x": 600, "y": 5})  # somewhere that is not a field
    for key in keys:
        page.keyboard.press(key)


def test_from_the_demo_to_a_label_and_back_after_a_kill(serve, page, home):
    server = serve(APP, env={"DELTADESK_HOME": str(home)})
    page.goto(server.url)
    expect(page.locator(".dd-start-demo")).to_be_visible()
    page.locator(".dd-start-demo button").click()
    expect(page.locator(".dd-state")).to_have_text(re.compile("RUNNING|WAITING"))

    # the first candidates wait within half a minute of a quiet machine
    page.get_by_role("button", name="Review").click()
    expect(page.locator(".dd-card").first).to_be_visible(timeout=90_000)
    expect(page).to_have_title(re.compile(r"^\(\d+\) Review – ag8s4$"))
    expect(page.locator(".dd-why")).to_contain_text("One of the first labels")
    ids = visible_ids(page)
    first, second, third = ids[:3]
    expect(selected(page)).to_have_attribute("data-id", first)
    expect(page.locator(f'.dd-viewer[data-drawn="{first}"][data-atoms="12"]')).to_be_visible()

    # approve by key: the card leaves, the outbox has it, nothing is spent yet
    press(page, "a")
    expect(page.locator(f'.dd-card[data-id="{first}"]')).to_have_count(0)
    expect(page.locator(f'.dd-outbox [data-id="{first}"]')).to_contain_text("approved")
    expect(selected(page)).to_have_attribute("data-id", second)

    # veto with a reason, take it back, and veto again
    press(page, "x", "4")
    expect(page.locator(f'.dd-card[data-id="{second}"]')).to_have_count(0)
    press(page, "u")
    expect(page.locator(f'.dd-card[data-id="{second}"]')).to_have_count(1)
    expect(selected(page)).to_have_attribute("data-id", second)
    press(page, "x", "1")
    expect(page.locator(f'.dd-card[data-id="{second}"]')).to_have_count(0)

    # the label arrives once the hold is over
    press(page, "g", "l")
    expect(page.locator(".dd-log")).to_contain_text(f"{first} labelled", timeout=60_000)
    expect(page.locator(".dd-log")).to_contain_text(f"{second} vetoed by local: atoms too close")
    expect(page.locator(".dd-budget")).to_contain_text("1 of 20 labels spent")
    assert not server_imported_torch(server)

    # what is in the address is what comes back after a reload
    press(page, "g", "v")
    page.locator(f'.dd-card[data-id="{third}"]').click()
    expect(page).to_have_url(re.compile(f"campaign=ag8s4&page=review&candidate={third}"))
    page.reload()
    expect(selected(page)).to_have_attribute("data-id", third)

    # kill -9, start again: everything is where it was
    page.goto("about:blank")  # a page that lost its server says so on the console
    group = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
    os.kill(server.process.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(group, timeout=5)
    assert not alive, "workers outlived their server"
    server = serve(APP, env={"DELTADESK_HOME": str(home)})
    page.goto(f"{server.url}?campaign=ag8s4&page=review")
    expect(page.locator(f'.dd-card[data-id="{third}"]')).to_be_visible()
    expect(page.locator(f'.dd-card[data-id="{first}"]')).to_have_count(0)
    expect(page.locator(".dd-budget")).to_contain_text("1 of 20 labels spent")
    press(page, "p")
    expect(page.locator(".dd-state")).to_contain_text("PAUSED")
    page.locator(".dd-resume button").click()
    expect(page.locator(".dd-state")).to_have_text(re.compile("RUNNING|WAITING"))
    page.locator(".dd-stop button").click()
    expect(page.locator(".dd-state")).to_contain_text("STOP")

    kinds = [item.event for item in history.events(home / "ag8s4")]
    assert [event.candidate for event in kinds if isinstance(event, CandidateApproved)] == [first]
    assert [event.candidate for event in kinds if isinstance(event, ReferenceCompleted)] == [first]
    assert [event.candidate for event in kinds if isinstance(event, DecisionUndone)] == [second]


def server_imported_torch(server):
    return any("libtorch" in region.path for region in psutil.Process(server.process.pid).memory_maps())


def test_ctrl_c_ends_server_and_workers_within_five_seconds(serve, page, tmp_path):
    server = serve(APP, env={"DELTADESK_HOME": str(tmp_path)})
    page.goto(server.url)
    page.locator(".dd-start-demo button").click()
    page.get_by_role("button", name="Review").click()
    expect(page.locator(".dd-card").first).to_be_visible(timeout=90_000)
    group = psutil.Process(server.process.pid).children(recursive=True)
    assert any("loky" in " ".join(process.cmdline()) for process in group)
    page.goto("about:blank")
    os.killpg(server.process.pid, signal.SIGINT)
    _, alive = psutil.wait_procs([psutil.Process(server.process.pid), *group], timeout=5)
    assert not alive
    with sqlite3.connect(tmp_path / "ag8s4" / "campaign.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
