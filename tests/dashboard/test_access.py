import json
import time

import pytest
from tornado.web import create_signed_value

from dashboard import passwords
from dashboard.access import is_signed_in, is_this_machine, person, proof, role
from engine.errors import ConfigError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))


class Request:
    def __init__(self, remote_ip, headers=()):
        self.remote_ip = remote_ip
        self.headers = dict.fromkeys(headers, "127.0.0.1")


def test_a_stranger_from_another_machine_finds_the_page_locked():
    assert person(None, Request("192.0.2.7"), "") is None
    assert person("ada", Request("192.0.2.7"), "password").auth == "password"
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "127.3.2.1"):
        assert is_this_machine(address)
    for address in ("192.168.0.4", "::ffff:10.0.0.1", "", None, "localhost.example.org"):
        assert not is_this_machine(address)


@pytest.mark.parametrize("name", [None, "guest", "", "  ", "a\nb", "x" * 81])
@pytest.mark.parametrize("proven", ["password", "shared", "oauth"])
def test_where_people_sign_in_nobody_is_local(name, proven):
    assert person(name, Request("127.0.0.1"), proven) is None


@pytest.mark.parametrize("header", ["X-Forwarded-For", "x-real-ip", "Forwarded", "Via"])
def test_what_a_proxy_brings_is_not_from_this_machine(header):
    assert person(None, Request("127.0.0.1"), "").name == "local"
    assert person(None, Request("127.0.0.1", [header]), "") is None
    claimed = Request("127.0.0.1")  # a page's token claims headers; the request behind it has others
    claimed._request = Request("127.0.0.1", [header])
    assert person(None, claimed, "") is None


def test_what_the_server_proves(tmp_path):
    table = tmp_path / "passwords.json"
    table.write_text(json.dumps({"ada": "a long password"}))
    assert proof(None, None) == ""
    assert proof(str(table), None) == "password"
    assert proof("open sesame", None) == "shared"
    assert proof(None, "generic") == "oauth"


SOUND = json.dumps({"ada": "a long password"})
SPOILT = {"a comma too many": '{"ada": "a long password",}', "gone": None, "endless": "[" * 100_000}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_a_path_is_never_the_password_of_all(tmp_path, monkeypatch, caplog, spoilt):
    table = tmp_path / "Passwords"  # in small letters there is no such file
    table.write_text(SOUND)
    monkeypatch.setenv("PANEL_BASIC_AUTH", str(table))
    ada = person("ada", Request("127.0.0.1"), proof(passwords.setting(), None))
    assert ada.auth == "password"
    assert passwords._fits(None, "ada", "a long password")
    assert not passwords._fits(None, "nobody", None)
    assert role(ada) == ("administer", "")
    if spoilt is None:
        table.unlink()
    else:
        table.write_text(spoilt)
    assert proof(passwords.setting(), None) == "password"
    for guess in (str(table), str(table).lower(), "a long password", "", None):
        assert not passwords._fits(None, "ada", guess)
    assert role(ada) == ("none", passwords.UNREADABLE)
    (said,) = [record.getMessage() for record in caplog.records]
    assert f"{table} cannot be read" in said
    assert "\n" not in said
    with pytest.raises(ConfigError):
        passwords.read(table)
    table.write_text(SOUND)
    assert role(ada) == ("administer", "")
    table.write_text(json.dumps({"bo": "a long password"}))
    assert role(ada) == ("none", passwords.UNKNOWN)


def test_a_password_file_that_is_named_but_was_never_there_is_no_password(tmp_path, monkeypatch):
    for name in (str(tmp_path / "passwords"), "passwords.json"):
        assert proof(name, None) == "password"
        monkeypatch.setenv("PANEL_BASIC_AUTH", name)
        assert passwords.problem("ada") == passwords.UNREADABLE
        assert not passwords._fits(None, "nobody", name)
        with pytest.raises(ConfigError):
            passwords.start()
    assert proof("x" * 5000, None) == proof("open\0sesame", None) == "shared"


@pytest.mark.parametrize("text", ['"one for all"', '{"ada": 1}', '["ada"]'])
def test_a_password_file_without_a_table_lets_nobody_in(tmp_path, monkeypatch, text):
    table = tmp_path / "passwords.json"
    table.write_text(text)
    monkeypatch.setenv("PANEL_BASIC_AUTH", str(table))
    with pytest.raises(ConfigError, match="holds no table"):
        passwords.read(table)
    assert passwords.problem("ada") == passwords.UNREADABLE
    assert not passwords._fits(None, "ada", "one for all")


def test_a_sign_in_counts_for_a_day(monkeypatch):
    monkeypatch.setenv("PANEL_COOKIE_SECRET", "s" * 40)
    monkeypatch.setenv("PANEL_BASIC_AUTH", "open sesame")

    def cookie(hours):
        return create_signed_value("s" * 40, "user", "ada", clock=lambda: time.time() - 3600 * hours).decode()

    assert is_signed_in(cookie(23))
    assert not is_signed_in(cookie(25))
    assert not is_signed_in(cookie(1)[:-1])
    assert not is_signed_in("")
    monkeypatch.delenv("PANEL_BASIC_AUTH")
    assert is_signed_in("")
