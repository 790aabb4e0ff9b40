"""A teacher plays a campaign from its log: it moves, stops to ask, counts, and changes nothing."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.serving import APP, deltadesk_replay
from tests.support.stored import unpack

pytestmark = pytest.mark.browser


def test_a_lesson(page, tmp_path):
    folder = unpack(tmp_path / "old")
    before = (folder / "campaign.db").read_bytes()
    server = deltadesk_replay(tmp_path / "log.txt", folder, env={"DELTADESK_HOME": str(tmp_path)})
    try:
        page.goto(server.url)
        bar = page.locator(".dd-replay")
        expect(bar).to_contain_text("event 1 of 19")
        expect(bar).to_contain_text("A campaign begins, with a budget of 6")
        expect(page).to_have_title("Live – old")

        # by key and by button, an event at a time; the address says where
        page.keyboard.press("ArrowRight")
        expect(bar).to_contain_text("event 2 of 19")
        page.locator(".dd-replay-next button").click()
        expect(bar).to_contain_text("event 3 of 19")
        expect(page).to_have_url(re.compile(r"at=3"))
        page.keyboard.press("ArrowLeft")
        expect(bar).to_contain_text("event 2 of 19")
        expect(page).to_have_url(re.compile(r"at=2"))
        page.reload()
        expect(bar).to_contain_text("event 2 of 19")

        # it stops before a decision, on the page that shows the candidate
        page.locator(".dd-ask input").check()
        page.locator(".dd-replay-play button").click()
        expect(bar).to_contain_text("Would you approve c-000004?")
        expect(page).to_have_title(re.compile("Review"))
        expect(page.locator(".dd-approve button")).to_be_disabled()
        page.locator(".dd-would-not button").click()
        expect(bar).to_contain_text("It was vetoed, and")
        expect(bar).to_contain_text("You agreed 1 of 1 times")

        # by key as well, to its end
        for question, key in (("c-000006", "a"), ("c-000007", "x")):
            expect(bar).to_contain_text(f"Would you approve {question}?")
            page.keyboard.press(key)
        expect(bar).to_contain_text("event 19 of 19")
        expect(bar).to_contain_text("You agreed 1 of 3 times and would have kept 1 calculation unspent")

        # and back to the present, which is as it was left and which nobody may change here
        page.locator(".dd-replay-leave button").click()
        expect(bar).to_be_hidden()
        expect(page.locator(".dd-resume")).to_be_hidden()
        assert "at=" not in page.url

        # the landscape has its past, from now on backwards
        page.get_by_role("button", name="Landscape").click()
        page.locator(".dd-as-known button").click()
        expect(bar).to_contain_text("event 19 of 19")
        expect(page.locator(".dd-as-known")).to_be_hidden()
        page.get_by_role("slider").press("Home")
        expect(bar).to_contain_text("event 1 of 19")
        expect(page).to_have_title(re.compile("Landscape"))
    finally:
        server.stop()
    assert (folder / "campaign.db").read_bytes() == before


def test_a_newcomer_sees_a_finished_landscape(page, serve, tmp_path):
    server = serve(APP, env={"DELTADESK_HOME": str(tmp_path / "home")})
    page.goto(server.url)
    page.locator(".dd-watch button").first.click()
    bar = page.locator(".dd-replay")
    expect(bar).to_contain_text("event 1 of")
    moment = page.get_by_role("slider")
    moment.press("End")
    expect(bar).to_contain_text("The campaign is finished")
    page.get_by_role("button", name="Landscape").click()
    expect(page.locator(".dd-table tbody tr").nth(5)).to_be_visible()
    page.locator(".dd-replay-leave button").click()
    expect(page.locator(".dd-start-demo")).to_be_visible()
