"""Two people at one campaign: what one decides, the other sees, and whoever loses is told."""

import re
import time
from typing import get_args

import pytest
from playwright.sync_api import expect

from engine.core import CandidateVetoed, ControlRun, DecisionUndone, VetoReason
from engine.store import Store
from tests.support import history, large
from tests.support.toy import REPOSITORY

pytestmark = pytest.mark.browser
APP = REPOSITORY / "dashboard"
REASONS = get_args(VetoReason)


@pytest.fixture
def folder(tmp_path):
    """A campaign of eight candidates that holds still, and holds a decision for minutes."""
    made = large.make(tmp_path / "queue", 8, curation={"hold": 300.0})
    store = Store(made)
    store.post(ControlRun(action="pause", by="ada", auth="local"), time.time())
    store.close()
    return made


@pytest.fixture
def tabs(page, watch, browser, serve, folder):
    """Two pages that look at the same candidate, each in a profile of its own."""
    server = serve(APP, env={"DELTADESK_HOME": str(folder.parent)})
    context = browser.new_context(viewport={"width": 1360, "height": 860})
    other = context.new_page()
    watch.attach(other)
    for tab in (page, other):
        tab.goto(f"{server.url}?campaign=queue&page=review")
    for tab in (page, other):
        tab.locator(".dd-hotkeys[data-ready]").wait_for(state="attached")
        expect(tab.locator(".dd-card")).to_have_count(8)
    yield page, other
    context.close()


def test_a_decision_of_one_tab_is_seen_in_the_other_which_may_take_it_back(tabs, folder):
    mine, other = tabs
    candidates = mine.locator(".dd-card").evaluate_all("cards => cards.map(card => card.dataset.id)")
    for number, candidate in enumerate(candidates[:3], start=1):
        mine.keyboard.press("a")
        for tab in tabs:
            expect(tab.locator(f'.dd-outbox [data-id="{candidate}"]')).to_contain_text("approved by local")
            expect(tab.locator(f'.dd-card[data-id="{candidate}"]')).to_have_count(0)
            expect(tab.get_by_role("button", name=f"Review ({8 - number})")).to_be_visible()

    first = candidates[0]
    other.locator(f'.dd-outbox [data-id="{first}"] button').click()
    expect(other.locator(f'.dd-card[data-id="{first}"]')).to_be_visible()
    expect(mine.locator(f'.dd-card[data-id="{first}"]')).to_contain_text("CONFLICT")
    expect(mine.locator(".dd-toast")).to_contain_text("Your decision no longer holds")

    undone = [item.event for item in history.events(folder) if isinstance(item.event, DecisionUndone)]
    assert [event.candidate for event in undone] == [first]


def test_of_two_that_decide_at_once_one_wins_and_the_other_is_told(tabs, folder):
    mine, other = tabs
    candidate = mine.locator(".dd-card").first.get_attribute("data-id")
    mine.keyboard.press("x")
    other.keyboard.press("x")
    other.get_by_role("button", name=re.compile(r"^2\s")).wait_for()
    mine.keyboard.press("1")
    other.keyboard.press("2")
    for tab in tabs:
        expect(tab.locator(f'.dd-card[data-id="{candidate}"]')).to_have_count(0)
        expect(tab.locator(".dd-card")).to_have_count(7)
    vetoed = [item.event for item in history.events(folder) if isinstance(item.event, CandidateVetoed)]
    assert [event.candidate for event in vetoed] == [candidate]
    winner, loser = tabs if vetoed[0].reason == REASONS[0] else tabs[::-1]
    expect(loser.locator(".dd-toast")).to_contain_text(candidate)
    expect(winner.locator(".dd-toast")).to_have_count(0)
