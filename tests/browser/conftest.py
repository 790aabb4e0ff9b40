"""A real Chromium on a real `panel serve`: nothing here is mocked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.readiness import Watch
from tests.support.serving import Server, panel_serve

PATIENCE_MS = 45_000


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; `python -m tests.check` leaves these tests out where there is none."""
    found = find_chromium()
    assert found, "no Chromium: install one (Debian: apt-get install chromium), or name one in CHROMIUM"
    return found


@pytest.fixture(scope="package")  # its event loop runs on in this thread: it must end before other tests' own
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    opened = browser.new_context(viewport={"width": 1360, "height": 860})
    yield opened
    opened.close()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def page(context: BrowserContext, watch: Watch) -> Iterator[Page]:
    """A page that fails its test if it asked another machine for anything or wrote an error."""
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    watch.attach(opened)
    yield opened
    opened.close()
    assert not watch.outside, f"requests that left this machine: {watch.outside}"
    assert not watch.errors, f"errors on the page: {watch.errors}"


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """`serve(path, env={...})` starts the app folder ``path`` and waits until it answers.

    Its servers end with the module: their engines would keep both cores busy to the end of all tests.
    """
    started: list[Server] = []

    def start(path: Path, env: dict[str, str] | None = None, *options: str, port: int = 0) -> Server:
        log = tmp_path_factory.mktemp("serve") / "log.txt"
        server = panel_serve(log, path, *options, env=env, port=port)
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()
