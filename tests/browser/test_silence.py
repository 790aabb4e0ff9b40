"""A server from which nothing comes: the page says so, and comes back by itself."""

import os
import re
import signal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.support import large
from tests.support.cable import Cable
from tests.support.serving import APP, panel_serve

pytestmark = pytest.mark.browser
LONG = 120_000  # ms


@pytest.fixture
def home(tmp_path):
    large.make(tmp_path / "home" / "queue", 4, paused=True)
    return tmp_path / "home"


@pytest.fixture
def serve(tmp_path, home):
    started = []

    def serve(*options, port=0):
        env = {"DELTADESK_HOME": str(home)}
        started.append(panel_serve(tmp_path / "log.txt", APP, *options, env=env, port=port))
        return started[-1]

    yield serve
    for server in started:
        server.stop()


def opened(page, url):
    page.goto(f"{url}?campaign=queue&page=review")
    page.locator(".dd-hotkeys[data-ready]").wait_for(state="attached")
    page.evaluate("window.neverLeft = true")


def test_a_server_that_stands_still_is_told_of_and_the_page_stays(page, serve):
    server = serve()
    opened(page, server.url)
    os.killpg(server.process.pid, signal.SIGSTOP)
    try:
        expect(page.locator(".dd-lost")).to_contain_text("No word from the server")
    finally:
        os.killpg(server.process.pid, signal.SIGCONT)
    expect(page.locator(".dd-lost")).to_be_hidden()
    assert page.evaluate("window.neverLeft")
    before = page.locator(".dd-card").count()
    page.keyboard.press("x")
    page.keyboard.press("1")
    expect(page.locator(".dd-card")).to_have_count(before - 1)


def test_a_cable_that_is_cut_in_silence_is_noticed_and_the_page_loads_anew(page, serve):
    server = serve("--allow-websocket-origin", "*")
    cable = Cable(urlsplit(server.url).port)
    try:
        opened(page, server.url.replace(str(cable._target), str(cable.port)))
        chosen = page.locator('.dd-queue [aria-selected="true"]')
        page.keyboard.press("j")
        expect(page).to_have_url(re.compile("candidate=c-000002"))
        cable.cut()
        expect(page.locator(".dd-lost")).to_contain_text("No word from the server")
        page.wait_for_function("() => window.neverLeft === undefined", timeout=LONG)
        expect(chosen).to_have_attribute("data-id", "c-000002", timeout=LONG)
        page.locator(".dd-hotkeys[data-ready]").wait_for(state="attached")
        page.keyboard.press("x")
        page.keyboard.press("1")
        expect(page.locator('.dd-card[data-id="c-000002"]')).to_have_count(0)
    finally:
        cable.close()
