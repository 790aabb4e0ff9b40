"""A home with one small campaign, four people with passwords, and real servers over it."""

import json

import pytest

from tests.support import large
from tests.support.desk_client import DeskClient
from tests.support.serving import APP, deltadesk_serve, panel_serve

PASSWORDS = {"ada": "correct horse", "bo": "battery staple", "cy": "one more word", "di": "nothing at all"}
NAME = "secret-alloy"


@pytest.fixture
def home(tmp_path):
    """A home with one campaign of four candidates that holds still."""
    large.make(tmp_path / "home" / NAME, 4, paused=True, curation={"hold": 300.0})
    return tmp_path / "home"


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "passwords.json"
    path.write_text(json.dumps(PASSWORDS))
    path.chmod(0o600)
    return path


@pytest.fixture
def serve(home, tmp_path):
    """Start a server over `home`, and end it with the test."""
    servers = []

    def start(kind, *options, env=None, **more):
        log = tmp_path / f"log-{len(servers)}.txt"
        given = {"DELTADESK_HOME": str(home), **(env or {})}
        start_it = {"panel": lambda: panel_serve(log, APP, *options, env=given, **more)}
        start_it["deltadesk"] = lambda: deltadesk_serve(log, *options, env=given, **more)
        servers.append(start_it[kind]())
        return servers[-1].url

    yield start
    for server in servers:
        server.stop()


async def review(url, cookie=""):
    tab = await DeskClient.open(url, cookie, campaign=NAME, page="review")
    await tab.until(lambda: "QueueList" in tab.models and tab.queue(), "the queue")
    return tab
