"""Preferences: kept for each person, never half written, never in the way."""

import pytest

from dashboard import preferences
from dashboard.appearance import Appearance
from dashboard.people import Person

ADA, BO = Person("ada", "password"), Person("bo", "password")


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))


def test_each_person_has_their_own(tmp_path):
    preferences.change(ADA, theme="dark")
    preferences.change(BO, notify=True)
    assert preferences.load(ADA).theme == "dark"
    assert preferences.load(BO) == preferences.Preferences(notify=True)
    assert [path.name for path in tmp_path.iterdir()] == [preferences.FILENAME]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"password:ada": {"theme": "pink"}}', '{"password:ada": 3}']
)
def test_a_damaged_file_means_the_defaults(tmp_path, text):
    (tmp_path / preferences.FILENAME).write_text(text)
    assert preferences.load(ADA) == preferences.Preferences()
    assert preferences.change(ADA, theme="light").theme == "light"


def test_the_system_is_followed_only_where_that_was_chosen():
    look = Appearance(ADA)
    look.system_said(True)
    assert look.dark
    assert Appearance(ADA).dark, "the next page starts as the browser last said"
    look.choose("light")
    look.system_said(True)
    assert not look.dark
    assert Appearance(ADA, "dark").dark, "an address may ask for a theme"
    assert preferences.load(ADA).theme == "light"
