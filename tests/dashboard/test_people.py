"""Roles: read from people.toml, at once, and nobody has one that cannot be read."""

import os
import re
from pathlib import Path

import pytest

from dashboard import people
from dashboard.panels.locked import locked
from dashboard.people import Person
from engine.core import AnyCommand
from engine.errors import ConfigError, NotAllowedError

LOCAL, ADA, SHARED, STRANGER = (
    Person("local", "local"),
    Person("ada", "password"),
    Person("ada", "shared"),
    Person("ada", "oauth"),
)


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    times = iter(range(1, 100))

    def write(text):
        (tmp_path / people.FILENAME).write_text(text)
        at = next(times)
        os.utime(tmp_path / people.FILENAME, (at, at))

    return write


def roles():
    return [people.role_of(one) for one in (LOCAL, ADA, SHARED, STRANGER)]


def test_without_a_file(write):
    assert roles() == ["administer", "administer", "curate", "none"]


def test_a_name_counts_only_where_it_was_proven(write):
    write('[people]\nada = "look"\n')
    assert roles() == ["administer", "look", "curate", "look"]
    write('local = "look"\nshared = "none"\nothers = "curate"\n[people]\nbo = "administer"\n')
    assert roles() == ["look", "curate", "none", "curate"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[people", "cannot be read"),
        ('[people]\nada = "admin"\n', "people.ada = 'admin'"),
        ('owner = "ada"\n', "owner"),
        ('local = "root"\n', "local = 'root'"),
        ('[people]\n"" = "look"\n', "people"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_locks_everybody_out(write, tmp_path, text, words):
    (tmp_path / people.FILENAME).write_bytes(text.encode(errors="surrogateescape"))
    for person in (LOCAL, ADA, SHARED, STRANGER):
        assert people.standing(person) == ("none", people.UNREADABLE)
        assert not people.may(person, "look")
        with pytest.raises(ConfigError) as told:
            people.require(person, "look")
        assert words in str(told.value)
        assert "\n" not in str(told.value)


def test_why_it_cannot_be_used_is_for_the_log_alone_once_a_change(write, tmp_path, caplog):
    def logged():
        people.standing(STRANGER)
        people.may(ADA, "look")
        return [record.getMessage() for record in caplog.records]

    write('[people]\nada = "admin"\n')
    first = logged()
    assert len(first) == 1
    assert str(tmp_path) in first[0]
    assert "people.ada = 'admin'" in first[0]
    write('[people]\nada = "root"\n')
    assert "people.ada = 'root'" in logged()[1]
    write("")
    assert len(logged()) == 2
    write('[people]\nada = "root"\n')
    assert len(logged()) == 3
    page = locked(STRANGER, people.standing(STRANGER)[1]).main[0].object
    assert "whoever runs this server finds why in its log" in page
    assert not any(secret in page for secret in (str(tmp_path), "root"))


def everybody_is_locked_out(words):
    for person in (LOCAL, ADA, SHARED, STRANGER):
        assert people.standing(person) == ("none", people.UNREADABLE)
        with pytest.raises(ConfigError, match=re.escape(words)) as caught:
            people.role_of(person)
        assert "\n" not in str(caught.value)


def test_a_file_of_endless_depth_locks_everybody_out(write):
    write(f"local = {'[' * 100_000}")
    everybody_is_locked_out("cannot be read")


@pytest.mark.parametrize(
    ("target", "words"), [("elsewhere", "mend the link"), ("people.toml", "cannot be read")]
)
def test_a_link_that_leads_nowhere_is_no_missing_file(write, tmp_path, target, words):
    (tmp_path / people.FILENAME).symlink_to(tmp_path / target)
    everybody_is_locked_out(words)


def test_a_file_that_may_not_be_looked_at_is_no_missing_file(write, tmp_path, monkeypatch):
    def denied(path, **_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", denied)
    monkeypatch.setattr(Path, "read_text", denied)
    everybody_is_locked_out("cannot be read")


def test_a_file_that_was_there_is_missed_until_it_is_back(write, tmp_path):
    write('[people]\nada = "look"\n')
    assert people.role_of(ADA) == "look"
    (tmp_path / people.FILENAME).rename(tmp_path / "people.toml~")
    everybody_is_locked_out("was there and is gone: put it back, or restart the server")
    (tmp_path / "people.toml~").rename(tmp_path / people.FILENAME)
    assert people.role_of(ADA) == "look"


def test_a_file_that_goes_while_it_is_read_is_not_taken_for_none_when_it_is_back(write, monkeypatch):
    write('[people]\nada = "look"\n')
    with monkeypatch.context() as patch:
        patch.setattr(people, "load", lambda _: None)
        everybody_is_locked_out("load the page again")
    assert people.role_of(ADA) == "look"


def test_only_decisions_need_less_than_administer(write):
    about = ("ApproveCandidate", "VetoCandidate", "DeferCandidate", "UndoDecision")
    more = ("SendNow", "EditCandidate", "AdoptVetoRule", "DropVetoRule")
    decisions = {*about, *more, "RetryReference", "CancelReference"}
    for kind in AnyCommand.__args__:
        assert (people.needed_for(kind.model_construct()) == "curate") == (kind.__name__ in decisions)
    write('[people]\nada = "curate"\n')
    people.require(ADA, "curate")
    with pytest.raises(NotAllowedError, match="ada may decide, but not change runs"):
        people.require(ADA, "administer")
