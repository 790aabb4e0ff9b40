"""The hands of a curator: several at once with their cost, done again, found, set aside, edited."""

import re
import time

import pytest
from playwright.sync_api import expect

from engine.core import CandidateApproved, CandidateEdited, ControlRun, EditAsked, HoldEnded, Status, fold
from engine.store import Store
from tests.support import history, large
from tests.support.toy import REPOSITORY

pytestmark = pytest.mark.browser
APP = REPOSITORY / "dashboard"
POTENTIAL = {
    "name": "ase",
    "calculator": "ase.calculators.lj:LennardJones",
    "settings": {"sigma": 2.3, "epsilon": 0.4, "rc": 6.0, "smooth": True},
}


@pytest.fixture
def folder(tmp_path):
    """A campaign of eight candidates that is paused, and holds a decision for minutes."""
    made = large.make(tmp_path / "queue", 8, curation={"hold": 300.0}, potential=POTENTIAL)
    store = Store(made)
    store.post(ControlRun(action="pause", by="ada", auth="local"), time.time())
    store.close()
    return made


@pytest.fixture
def desk(page, serve, folder):
    server = serve(APP, env={"DELTADESK_HOME": str(folder.parent)})
    page.goto(f"{server.url}?campaign=queue&page=review")
    page.locator(".dd-hotkeys[data-ready]").wait_for(state="attached")
    expect(page.locator(".dd-card")).to_have_count(8)
    return page


def said(folder, *kinds):
    return [item.event for item in history.events(folder) if isinstance(item.event, kinds)]


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def drag_an_atom(page):
    """Drag whatever atom is found near the middle of the picture."""
    words, box = page.locator(".dd-editing"), page.locator(".dd-viewer[data-editing]").bounding_box()
    for down in (0.5, 0.4, 0.6, 0.45, 0.55, 0.35):  # until there is an atom under the pointer
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * down
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y + 10, steps=3)
        page.mouse.up()
        if "atom" in words.inner_text().partition("Drag")[0]:
            break
    expect(words).to_contain_text("1 moved, by")


def test_a_button_that_was_gone_to_keeps_its_enter_while_all_are_asked_about(desk, folder):
    press(desk, "v", "Shift+J", "Shift+A")
    expect(desk.locator(".dd-bulk")).to_contain_text("Enter to approve")
    press(desk, "Tab")
    desk.locator(".dd-clear-marks button").focus()
    press(desk, "Enter")
    expect(desk.locator(".dd-card.marked")).to_have_count(0)
    assert not said(folder, CandidateApproved)


def test_several_are_approved_for_their_cost_taken_back_and_sent_at_once(desk, folder):
    cards = desk.locator(".dd-card")
    first = cards.first.get_attribute("data-id")
    press(desk, "v", "Shift+J", "Shift+J")
    expect(desk.locator(".dd-card.marked")).to_have_count(3)
    expect(desk.locator(".dd-bulk")).to_contain_text("3 chosen: 3 calculations, their cost not known")
    press(desk, "v")
    expect(desk.locator(".dd-bulk")).to_contain_text("2 chosen")
    desk.locator(
        ".dd-undo button"
    ).focus()  # as where it was pressed before: Enter is the question's all the same
    press(desk, "Shift+A")
    expect(desk.locator(".dd-bulk")).to_contain_text("Enter to approve")
    assert not said(folder, CandidateApproved)
    press(desk, "Enter")
    expect(cards).to_have_count(6)
    expect(desk.locator(".dd-outbox .row")).to_have_count(2)
    undo = desk.locator(".dd-outbox .row button").first
    undo.focus()
    press(desk, "j", "k")
    expect(desk.locator('.dd-queue [aria-selected="true"]')).to_be_visible()
    expect(undo).to_be_focused()
    press(desk, "u")
    expect(cards).to_have_count(8)
    expect(desk.locator('.dd-queue [aria-selected="true"]')).to_have_attribute("data-id", first)
    press(desk, "Shift+U")
    expect(cards).to_have_count(6)
    desk.locator(".dd-outbox .send, .send").first.click()
    expect(desk.locator(".dd-outbox .ring").first).to_have_text("…")
    assert len(said(folder, HoldEnded)) == 2

    # found by a word, decided there, and all shown again
    last = cards.last.get_attribute("data-id")
    press(desk, "/")
    desk.keyboard.type(last[-3:])
    expect(cards).to_have_count(1)
    press(desk, "Escape", "j", "Shift+D")
    expect(cards).to_contain_text("until the next fit")
    press(desk, "Escape")
    expect(cards).to_have_count(6)
    expect(cards.last).to_contain_text("until the next fit")
    campaign = fold(history.events(folder))
    assert campaign.candidates[last].status is Status.DEFERRED

    # several are turned down for one reason, which a note goes with
    press(desk, "v", "Shift+K", "n")
    desk.keyboard.type("both are flat")
    press(desk, "Escape", "Shift+X", "4")
    expect(cards).to_have_count(4)
    vetoed = fold(history.events(folder)).with_status(Status.VETOED)
    assert [(c.decision.reason, c.decision.note) for c in vetoed] == [
        ("chemically implausible", "both are flat")
    ] * 2

    # n is the note's, but not after g
    press(desk, "g", "n")
    expect(desk).to_have_title(re.compile("New campaign"))

    # what was sent at once stands in the audit, two of them
    press(desk, "g", "a")
    expect(desk.locator(".dd-audit tr[data-kind=send]")).to_have_count(2)


def test_an_atom_is_dragged_and_what_comes_of_it_waits_to_be_decided(desk, folder):
    expect(desk.locator(".dd-viewer[data-drawn]")).to_be_visible()
    parent = desk.locator('.dd-queue [aria-selected="true"]').get_attribute("data-id")
    press(desk, "e")
    expect(desk.locator(".dd-viewer[data-editing]")).to_be_visible()
    drag_an_atom(desk)
    expect(desk.locator('.dd-viewer[data-editing][data-colors="element"]')).to_be_visible()

    # left, the candidate is shown as it was; then it is done again
    press(desk, "Escape")
    expect(desk.locator('.dd-viewer:not([data-editing])[data-colors="uncertainty"]')).to_be_visible()
    press(desk, "e")
    drag_an_atom(desk)
    press(desk, "j")
    expect(desk.locator(".dd-toast").first).to_contain_text(f"An edit of {parent} is open")
    press(desk, "a")
    expect(desk.locator(".dd-toast", has_text=f"came of your edit of {parent}")).to_be_visible(timeout=90_000)
    (asked,), (made,) = said(folder, EditAsked), said(folder, CandidateEdited)
    assert not said(folder, CandidateApproved)
    assert (len(asked.moves), asked.steps) == (1, 20)
    assert made.parent == parent
    expect(desk.locator('.dd-queue [aria-selected="true"]')).to_have_attribute("data-id", made.candidate)
    expect(desk.locator(".dd-why")).to_contain_text(f"{parent}, edited: 1 atom moved by")
    press(desk, "g", "a")
    expect(desk.locator(".dd-audit tr[data-kind=edit]")).to_contain_text("1 atom moved, 20 steps relaxed")


def test_f_draws_the_forces_that_the_model_has_of_a_candidate_without_a_label(desk):
    legend = desk.locator(".dd-viewer .legend").first
    press(desk, "f")
    expect(legend).to_contain_text("force in m-0000: longest arrow", timeout=90_000)
    press(desk, "q")
    expect(desk.locator(".dd-viewer[data-colors=force]").first).to_be_visible()
    press(desk, "j")
    expect(legend).to_contain_text("force in m-0000: longest arrow")
    press(desk, "f", "q")
    expect(legend).not_to_contain_text("force")
