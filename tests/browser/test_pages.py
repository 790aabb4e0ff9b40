"""Audit, New campaign, Settings, and the states between: on a real server, in a real browser."""

import contextlib
import os
import re
import signal
import time
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from engine import config
from engine.core import ControlRun
from engine.store import Store
from tests.support import large
from tests.support.toy import REPOSITORY

pytestmark = pytest.mark.browser
APP = REPOSITORY / "dashboard"
XSS = "<img src=x onerror=alert(1)>"
expect.set_options(timeout=45_000)  # a busy two-core machine


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with one campaign of eight candidates that holds still."""
    root = tmp_path_factory.mktemp("home")
    store = Store(large.make(root / "queue", 8, curation={"hold": 300.0}))
    store.post(ControlRun(action="pause", by="ada", auth="local"), time.time())
    store.close()
    return root


@pytest.fixture(scope="module")
def server(serve, home):
    return serve(APP, env={"DELTADESK_HOME": str(home)})


def review(page, server):
    page.goto(f"{server.url}?campaign=queue&page=review")
    expect(page.locator(".dd-viewer[data-drawn]")).to_be_visible()
    page.locator(".dd-hotkeys[data-ready]").wait_for(state="attached")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def selected(page):
    return page.locator('.dd-queue [aria-selected="true"]').get_attribute("data-id")


def test_the_audit_shows_decisions_and_what_was_typed_as_text(page, server):
    page.on("dialog", lambda dialog: pytest.fail(f"a note ran as code: {dialog.message}"))
    review(page, server)
    vetoed = selected(page)
    page.locator(".dd-note input").fill(XSS)
    page.keyboard.press("Escape")
    press(page, "x", "6")
    expect(page.locator(f'.dd-card[data-id="{vetoed}"]')).to_have_count(0)
    deferred = selected(page)
    press(page, "d")
    press(page, "g", "a")
    row = page.locator(f'.dd-audit tr[data-candidate="{vetoed}"]')
    expect(row).to_contain_text(XSS)
    expect(row).to_contain_text("Chosen because its energy is uncertain")
    expect(row).to_contain_text("m-0001")
    expect(page.locator(".dd-audit img")).to_have_count(0)
    expect(page.locator(f'.dd-audit tr[data-candidate="{deferred}"][data-kind="defer"]')).to_be_visible()
    page.get_by_placeholder("Filter").fill("onerror")
    expect(page.locator(".dd-audit tbody tr")).to_have_count(1)
    expect(page.locator(".dd-count")).to_have_text(re.compile(r"^1 of \d decisions$"))
    with page.expect_download() as download:
        page.locator(".dd-audit-csv button, .dd-audit-csv a").first.click()
    said = download.value.path().read_text()
    assert XSS in said
    assert "password" not in said


@pytest.mark.parametrize("width", [360, 390, 700, 1920])
def test_what_stands_in_the_top_bar_stands_side_by_side(page, server, width):
    page.set_viewport_size({"width": width, "height": 700})
    review(page, server)
    bar = page.get_by_role("banner")
    shown = [
        bar.locator(part).first
        for part in (
            ".MuiFormControl-root",
            ".dd-state span",
            ".dd-resume button",
            ".dd-stop button",
            ".dd-open-help button",
        )
    ]
    for part in shown:
        expect(part).to_be_visible()
    boxes = [part.bounding_box() for part in shown]
    for left, right in pairwise(boxes):
        assert left["x"] + left["width"] <= right["x"]
    assert boxes[-1]["x"] + boxes[-1]["width"] <= width


@pytest.mark.parametrize("width", [360, 1280])
def test_the_keys_are_shown_without_a_key(page, server, width):
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{server.url}?page=runs")
    page.get_by_role("banner").get_by_role("button", name="Keys and help").click()
    expect(page.locator("dialog.dd-help").get_by_text("veto with a reason")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.dd-help")).to_be_hidden()


def test_bad_input_shows_a_line_and_writes_nothing(page, server, home):
    before = sorted(path.name for path in home.iterdir())
    page.goto(f"{server.url}?page=new")
    expect(page.locator('.dd-new .dd-viewer[data-drawn="Ag8S4"]')).to_be_visible()
    page.locator(".dd-field-budget input").fill("-3")
    page.locator(".dd-field-system-composition input").fill("Ag8Xx4")
    expect(page.locator(".dd-field-budget")).to_contain_text("must be 1 or more, got '-3'")
    expect(page.locator(".dd-problems")).to_contain_text("system.composition: there is no element 'Xx'")
    page.locator(".dd-create-start button").click()
    expect(page.locator(".dd-toast")).to_contain_text("Nothing was written")
    page.locator(".dd-field-budget input").fill("3")
    page.locator(".dd-field-system-composition input").fill("Ag8S4")
    page.locator(".dd-field-system-confinement input").fill("2")
    expect(page.locator(".dd-new .dd-viewer")).to_contain_text("does not fit a cube of 2.0 Å")
    assert sorted(path.name for path in home.iterdir()) == before


def test_from_the_form_to_a_running_campaign(page, server, home):
    page.goto(f"{server.url}?campaign=queue&page=runs")
    page.locator(".dd-new-campaign button").click()
    expect(page.locator('.dd-new .dd-viewer[data-drawn="Ag8S4"]')).to_be_visible()
    page.locator(".dd-field-name input").fill("Small silver")
    page.locator(".dd-field-system-composition input").fill("Ag4S2")
    page.locator(".dd-field-budget input").fill("3")
    expect(page.locator('.dd-new .dd-viewer[data-drawn="Ag4S2"][data-atoms="6"]')).to_be_visible()
    expect(page.locator(".dd-estimate")).to_contain_text("At most 3 reference calculations")
    expect(page.locator(".dd-estimate")).to_contain_text("not known before the first label")
    page.locator(".dd-create-start button").click()
    expect(page).to_have_url(re.compile("campaign=Small-silver&page=live"))
    expect(page.locator(".dd-state")).to_contain_text("RUNNING")
    page.locator(".dd-stop button").click()
    expect(page.locator(".dd-state")).to_contain_text("STOP")
    settings = config.load(home / "Small-silver")
    assert (settings.name, settings.budget, settings.system.composition) == ("Small silver", 3, "Ag4S2")
    assert "# reference calculations that may be spent" in (home / "Small-silver/campaign.toml").read_text()


def test_an_uploaded_structure_is_shown_and_started_from(page, server, home, tmp_path):
    page.goto(f"{server.url}?page=new")
    expect(page.locator('.dd-new .dd-viewer[data-drawn="Ag8S4"]')).to_be_visible()
    page.locator(".dd-field-name input").fill("From a file")
    (tmp_path / "mine.xyz").write_text("3\n\nAg 0 0 0\nAg 2.7 0 0\nS 1.3 2 0\n")
    page.locator(".dd-upload input[type=file]").set_input_files(tmp_path / "mine.xyz")
    expect(page.locator(".dd-upload-words")).to_contain_text("mine.xyz: Ag2S")
    expect(page.locator(".dd-field-name input")).to_have_value("From a file")
    expect(page.locator(".dd-field-system-start input")).to_have_value("mine.xyz")
    expect(page.locator('.dd-new .dd-viewer[data-drawn="Ag2S"][data-atoms="3"]')).to_be_visible()
    (tmp_path / "model.xyz").write_text("torch")
    page.locator(".dd-upload input[type=file]").set_input_files(tmp_path / "model.xyz")
    expect(page.locator(".dd-upload-words")).to_contain_text("model.xyz cannot be read as a structure")
    page.locator(".dd-create button").click()
    expect(page.locator(".dd-toast")).to_contain_text("is written")
    assert config.load(home / "From-a-file").system.start == "mine.xyz"
    assert (home / "From-a-file" / "mine.xyz").exists()


def test_settings_are_remembered_and_the_budget_is_refused_in_words(page, server):
    page.goto(f"{server.url}?campaign=queue&page=settings")
    page.locator(".dd-theme").get_by_role("button", name="dark").click()
    expect(page.locator(".page.mui-dark")).to_be_visible()
    page.reload()
    expect(page.locator(".page.mui-dark .dd-keys")).to_be_visible()
    page.locator(".dd-theme").get_by_role("button", name="light").click()
    expect(page.locator(".page.mui-light")).to_be_visible()
    page.locator(".dd-new-budget input").fill("many")
    page.locator(".dd-change-budget button").click()
    expect(page.locator(".dd-new-budget")).to_contain_text("A whole number from 1 on")
    page.locator(".dd-new-budget input").fill("25")
    page.locator(".dd-change-budget button").click()
    expect(page.locator(".dd-budget")).to_contain_text("of 25 labels")
    page.keyboard.press("Escape")
    page.locator(".dd-keys").click()
    page.keyboard.press("?")
    expect(page.locator("dialog.dd-help").get_by_text("veto with a reason")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.dd-help")).to_be_hidden()


def test_thresholds_are_written_to_campaign_toml_and_used_from_the_next_start(page, server, home):
    page.goto(f"{server.url}?campaign=queue&page=settings")
    expect(page.locator(".dd-threshold-words")).to_contain_text("These are in use")
    page.locator(".dd-section-checks button").click()
    field = page.locator(".dd-field-checks-closest_pair")
    field.locator("input").fill("-1")
    page.locator(".dd-save-thresholds button").click()
    expect(page.locator(".dd-toast")).to_contain_text("Nothing was written")
    expect(field).to_contain_text("must be 0 or more, got '-1'")
    field.locator("input").fill("0.7")
    page.locator(".dd-save-thresholds button").click()
    expect(page.locator(".dd-threshold-words")).to_contain_text("other values for checks than those in use")
    assert config.load(home / "queue").checks.closest_pair == 0.7


def test_a_page_that_lost_its_server_comes_back_with_it(page, serve, server, home, watch):
    review(page, server)
    candidate = selected(page)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait(timeout=10)
    expect(page.locator(".dd-lost")).to_contain_text("The run goes on without you")
    serve(APP, env={"DELTADESK_HOME": str(home)}, port=urlsplit(server.url).port)
    expect(page.locator(".dd-lost")).to_be_hidden()
    expect(page.locator(f'.dd-card[data-id="{candidate}"]')).to_be_visible()
    # what the browser and Bokeh themselves write about a server that does not answer
    theirs = ("ERR_CONNECTION_REFUSED", "not connected so cannot send")
    watch.errors[:] = [error for error in watch.errors if not any(words in error for words in theirs)]
