"""A real Chromium on a real `panel serve`: nothing here is mocked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.browser.chromium import FLAGS, find_chromium
from tests.support.serving import Server, panel_serve

PATIENCE_MS = 20_000
LOCAL = {"localhost", "127.0.0.1", "::1"}


@dataclass
class Watch:
    """What a page must not do: ask another machine, or complain."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.hostname not in LOCAL:
            self.outside.append(request.url)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def attach(self, page: Page) -> None:
        page.on("request", self.on_request)
        page.on("websocket", lambda socket_: self._on_socket(socket_.url))
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _on_socket(self, url: str) -> None:
        if urlsplit(url).hostname not in LOCAL:
            self.outside.append(url)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; `python -m tests.check` leaves these tests out where there is none."""
    found = find_chromium()
    assert found, "no Chromium: install one (Debian: apt-get install chromium), or name one in CHROMIUM"
    return found


@pytest.fixture(scope="session")
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
