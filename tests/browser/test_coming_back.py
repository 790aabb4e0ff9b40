"""A link opens where it points, after signing in; where a person was is back after reload and kill."""

import contextlib
import json
import os
import re
import signal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from engine.core import CandidateVetoed, DecisionUndone
from tests.support import history, large
from tests.support.serving import deltadesk_serve

pytestmark = pytest.mark.browser
PASSWORDS = {"ada": "a long password", "bo": "another password"}
THIRD = "c-000003"


@pytest.fixture
def start(tmp_path):
    """Start the server, also once more where the first was."""
    large.make(tmp_path / "home" / "queue", 6, paused=True, curation={"hold": 600.0})
    table = tmp_path / "passwords.json"
    table.write_text(json.dumps(PASSWORDS))
    table.chmod(0o600)
    env = {"DELTADESK_HOME": str(tmp_path / "home")}
    servers = []

    def start(port=0):
        log = tmp_path / f"log-{len(servers)}.txt"
        servers.append(deltadesk_serve(log, "--password-file", table, env=env, port=port))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def sign_in(page, url, name):
    page.goto(url)
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(PASSWORDS[name])
    page.get_by_role("button", name="Sign in").click()


def ready(page):
    page.locator(".dd-hotkeys[data-ready]").wait_for(state="attached")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_links_preferences_and_the_place_where_a_person_was(page, browser, watch, start, tmp_path):
    server = start()
    link = f"{server.url}?campaign=queue&page=review&candidate={THIRD}"
    sign_in(page, link, "ada")
    selected = page.locator('.dd-queue [aria-selected="true"]')
    expect(selected).to_have_attribute("data-id", THIRD)
    expect(page).to_have_url(link)
    ready(page)
    press(page, "x", "1")
    expect(page.locator(f'.dd-card[data-id="{THIRD}"]')).to_have_count(0)
    following = selected.get_attribute("data-id")

    # ada likes it dark; bo, on another machine, is not asked
    press(page, "g", ",")
    page.locator(".dd-theme").get_by_role("button", name="dark").click()
    expect(page.locator(".page.mui-dark")).to_be_visible()
    elsewhere = browser.new_context(viewport={"width": 1360, "height": 860})
    bo = elsewhere.new_page()
    watch.attach(bo)
    sign_in(bo, f"{server.url}?campaign=queue&page=settings", "bo")
    expect(bo.locator(".dd-you")).to_contain_text("bo (own password)")
    expect(bo.locator(".page.mui-light")).to_be_visible()
    expect(bo.locator('.dd-company [data-name="ada"]')).to_be_visible()
    elsewhere.close()

    # a reload: the same page, the same candidate, and the last decision can still be taken back
    page.reload()
    expect(page.locator(".page.mui-dark .dd-keys")).to_be_visible()
    ready(page)
    press(page, "g", "v")
    expect(selected).to_have_attribute("data-id", following)
    press(page, "u")
    expect(selected).to_have_attribute("data-id", THIRD)
    expect(page).to_have_url(re.compile(f"page=review&candidate={THIRD}"))

    # the server is killed and starts again: the page comes back by itself, signed in, where it was
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait(timeout=10)
    expect(page.locator(".dd-lost")).to_contain_text("Connection lost")
    start(urlsplit(server.url).port)
    expect(page.locator(".dd-lost")).to_be_hidden()
    expect(page.locator(".page.mui-dark")).to_be_visible()
    expect(selected).to_have_attribute("data-id", THIRD)

    # another browser of ada's: her colours are the server's to know
    second = browser.new_context(viewport={"width": 1360, "height": 860})
    again = second.new_page()
    watch.attach(again)
    sign_in(again, link.replace("review", "landscape"), "ada")
    expect(again.locator(".page.mui-dark .dd-landscape")).to_be_visible()
    expect(again.locator(".dd-why")).to_contain_text(THIRD)
    second.close()

    kept = [item.event for item in history.events(tmp_path / "home" / "queue")]
    about = [e for e in kept if isinstance(e, CandidateVetoed | DecisionUndone)]
    assert [(e.kind, e.candidate, e.by) for e in about] == [
        ("CandidateVetoed", THIRD, "ada"),
        ("DecisionUndone", THIRD, "ada"),
    ]
    # what the browser and Bokeh themselves write about a server that does not answer
    theirs = ("ERR_CONNECTION_REFUSED", "not connected so cannot send")
    watch.errors[:] = [error for error in watch.errors if not any(words in error for words in theirs)]
