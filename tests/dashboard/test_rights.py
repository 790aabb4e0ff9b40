"""What is refused is written down, whatever the reason."""

import json

import pytest

from dashboard import doorbook
from dashboard.people import UNREADABLE, Person
from dashboard.rights import Rights
from dashboard.runtime import Runtime
from engine.config import reference_change
from engine.core import RetryReference
from engine.errors import CampaignError, NotAllowedError

ADA = Person("ada", "password")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    doorbook.open_book()
    yield tmp_path
    for handler in doorbook._log.handlers:
        handler.close()
    doorbook._log.handlers.clear()


def refusals(home):
    lines = (home / doorbook.FILENAME).read_text().splitlines()
    return [(line["name"], line["role"], line["wish"], line["campaign"]) for line in map(json.loads, lines)]


def test_a_role_that_is_not_enough(home):
    (home / "people.toml").write_text('[people]\nada = "look"\n')
    with pytest.raises(NotAllowedError, match="ada may look, but not decide"):
        Rights(replays=False).require(ADA, "curate", "ApproveCandidate", "one")
    assert refusals(home) == [("ada", "look", "ApproveCandidate", "one")]


def test_while_roles_cannot_be_read(home):
    (home / "people.toml").write_text('[people]\nada = "root"\n')
    with pytest.raises(NotAllowedError, match=f"^{UNREADABLE}$"):
        Rights(replays=False).require(ADA, "curate", "ApproveCandidate", "one")
    assert refusals(home) == [("ada", "none", "ApproveCandidate", "one")]


def test_on_a_server_that_shows_replays(home):
    with pytest.raises(CampaignError, match="shows replays"):
        Rights(replays=True).require(ADA, "look", "start", "one")
    assert refusals(home) == [("ada", "administer", "start", "one")]


def test_an_instruction_in_the_place_of_a_setting(home):
    (home / "people.toml").write_text('[people]\nada = "curate"\n')
    change = reference_change(["'task shell \"touch /tmp/pwned\" #' = 1"])
    wish = RetryReference(by="ada", auth="password", candidate="c-00001", change=change)
    with pytest.raises(NotAllowedError, match=r"^settings\.task shell .* can name a program"):
        Runtime().post("one", [wish])
    assert refusals(home) == [("ada", "curate", "RetryReference: code", "one")]
