"""When a page is ready to be looked at, and what is wrong with it then."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

LOCAL = {"localhost", "127.0.0.1", "::1"}
HOOKS = {
    "runs": ".dd-run",
    "new": ".dd-new .dd-viewer[data-drawn]",
    "live": ".dd-log",
    "review": ".dd-viewer[data-drawn]",
    "landscape": ".dd-viewer[data-drawn]",
    "data": ".dd-viewer[data-drawn]",
    "audit": ".dd-audit table",
    "settings": ".dd-keys",
}
"""What must be on each page before it is looked at."""


def whole(page):
    """Wait until all that stands around every page is there, and it takes keys."""
    for part in (".dd-skip", "header", ".dd-hotkeys[data-ready]"):
        page.locator(part).first.wait_for(state="attached")


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


def serious(violations):
    """What axe-core calls serious or critical: rule, element and what to do, in a line each."""
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in violations
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
