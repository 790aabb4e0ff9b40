"""Folders that the dashboard is given beside its home: each is shown, under a name of its own."""

import json
import os
import shutil

import pytest

from dashboard.people import Person
from dashboard.runtime import Runtime
from engine import campaigns, config
from engine.cli.serve import serve


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Make a campaign at a place below `tmp_path`; ``home`` is the home."""
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path / "home"))
    one = tmp_path / "one"
    campaigns.new(one)
    return lambda place: shutil.copytree(one, tmp_path / place)


@pytest.fixture
def shown(monkeypatch):
    """What a server shows that was started with some folders."""

    def shown(*folders):
        told = {}
        monkeypatch.setattr(os, "execve", lambda _program, _words, environment: told.update(environment))
        serve(list(folders), show=False)
        monkeypatch.setenv("DELTADESK_CAMPAIGNS", told["DELTADESK_CAMPAIGNS"])
        return Runtime().folders()

    return shown


def test_names_with_any_letter(made, shown):
    given = [made(f"elsewhere/{name}") for name in ("a:b", "c;d", 'e"f', "g\nh", "é")]
    assert shown(*given) == {folder.name: folder for folder in given}


def test_the_same_folder_twice_and_one_of_the_home_are_one(made, shown, tmp_path, monkeypatch):
    mine, given = made("home/mine"), made("elsewhere/given")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(mine)
    folders = (given, given.relative_to(tmp_path), mine, tmp_path / "link")
    assert shown(*folders) == {"given": given, "mine": mine}
    assert json.loads(os.environ["DELTADESK_CAMPAIGNS"]) == [str(given)]


@pytest.mark.parametrize("other", ["home/mine", "another/mine"])
def test_two_folders_of_one_name(made, deltadesk, monkeypatch, other):
    monkeypatch.setattr(os, "execve", lambda *_: pytest.fail("they are served"))
    first, second = made(other), made("elsewhere/mine")
    given = [second] if other.startswith("home") else [first, second]
    code, out, lines = deltadesk("serve", *given, "--no-show")
    assert (code, out, len(lines)) == (2, "", 1)
    assert f"{first} and {second} have one name" in lines[0]
    assert "rename one of them" in lines[0]


def test_a_campaign_that_is_made_later_has_another_name(made, shown):
    given = made(f"elsewhere/{campaigns.DEMO}")
    assert shown(given) == {campaigns.DEMO: given}
    runtime, here = Runtime(), Person("local", "local")
    assert runtime.drafts.create(here, campaigns.DEMO, config.load(given)) == f"{campaigns.DEMO}-2"
    assert runtime.folders()[campaigns.DEMO] == given
    runtime.close()
