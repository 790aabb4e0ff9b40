"""Nobody listens beyond localhost by mistake, and secrets stay where only their owner reads."""

import json
import re

import pytest
from bokeh.server.util import check_allowlist

from dashboard.theme import DARK, LIGHT
from engine.cli import sign_in
from tests.support.serving import APP


def test_beyond_localhost_somebody_must_sign_in(deltadesk, tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    for address in ("0.0.0.0", "::", "192.0.2.7", "desk.example"):
        code, out, lines = deltadesk("serve", "--address", address)
        assert (code, out, len(lines)) == (2, "", 1)
        assert re.search(rf"--address {address} lets other machines in.*--password-file.*--oauth", lines[0])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "is not there"),
        ("{", "cannot be read as JSON"),
        ('"one for all"', "holds no table"),
        ("{}", "holds no table"),
        ('{"ada": "short"}', "password of 'ada' is shorter than 8"),
        ('{"ada": 12345678}', "password of 'ada' is shorter than 8"),
        ('{" ": "long enough"}', "cannot be a name"),
        ('{"a\\nb": "long enough"}', "cannot be a name"),
        ('{"guest": "long enough"}', "'guest' cannot be a name"),
    ],
)
def test_a_password_file_that_cannot_be_used(deltadesk, tmp_path, monkeypatch, text, words):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path / "home"))
    path = tmp_path / "passwords.json"
    if text is not None:
        path.write_text(text)
        path.chmod(0o600)
    code, _, lines = deltadesk("serve", "--password-file", path)
    assert (code, len(lines)) == (2, 1)
    assert words in lines[0]
    assert not (tmp_path / "home").exists()


def test_a_password_file_that_others_can_read(deltadesk, tmp_path):
    path = tmp_path / "passwords.json"
    path.write_text(json.dumps({"ada": "long enough"}))
    path.chmod(0o640)
    code, _, lines = deltadesk("serve", "--password-file", path)
    assert code == 2
    assert f"can be read by others (mode 640): chmod 600 {path}" in lines[0]


def test_a_proxy_that_lets_other_machines_in_needs_people_who_sign_in(deltadesk, tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path))
    for name in ("desk.example.org", "desk.example.org:443", "10.0.0.5:80", "[2001:db8::1]:80"):
        code, out, lines = deltadesk("serve", "--origin", name)
        assert (code, out, len(lines)) == (2, "", 1)
        assert f"--origin {name} lets other machines in" in lines[0]
    code, _, lines = deltadesk("serve", "--origin", "[::1")
    assert (code, "--origin [::1 is no HOST or HOST:PORT" in lines[0]) == (2, True)
    own = ("localhost:8080", "127.0.0.1", "[::1]:8080")  # a tunnel from another port of this machine
    assert sign_in.authentication(tmp_path, "localhost", None, "", own) == {}


def test_a_provider_needs_what_it_was_registered_with(deltadesk, tmp_path, monkeypatch):
    for name in sign_in.OAUTH:
        monkeypatch.delenv(name, raising=False)
    code, _, lines = deltadesk("serve", "--oauth", "github")
    assert code == 2
    assert "needs PANEL_OAUTH_KEY and PANEL_OAUTH_SECRET in the environment" in lines[0]
    code, _, lines = deltadesk("serve", "--oauth", "github", "--password-file", tmp_path / "x")
    assert (code, "name one of them" in lines[0]) == (2, True)


def test_the_cookie_secret_is_made_once_and_is_private(tmp_path, monkeypatch):
    monkeypatch.delenv(sign_in.COOKIE_SECRET, raising=False)
    first = sign_in.cookie_secret(tmp_path)
    assert len(first) >= 40
    assert sign_in.cookie_secret(tmp_path) == first  # who signed in stays so over a restart
    ways = ("passwords.json", "github", "open sesame")
    assert len({sign_in.cookie_secret(tmp_path, way) for way in ways} | {first}) == 4
    path = tmp_path / sign_in.SECRET_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(sign_in.ConfigError, match="chmod 600"):
        sign_in.cookie_secret(tmp_path)
    monkeypatch.setenv(sign_in.COOKIE_SECRET, "given")
    assert sign_in.cookie_secret(tmp_path) == "given"


def test_pages_that_may_open_a_websocket():
    assert sign_in.origins("localhost", 5006, []) == ["localhost:5006"]
    assert sign_in.origins("127.0.0.1", 5006, []) == ["localhost:5006", "127.0.0.1:5006"]
    assert sign_in.origins("192.0.2.7", 80, ["desk.example", "desk:443"]) == [
        "192.0.2.7:80",
        "desk.example:80",
        "desk:80",
    ]
    behind_a_proxy = sign_in.origins("localhost", 5006, ["desk.example:443"])
    assert check_allowlist("desk.example", behind_a_proxy), "what a browser says of the usual port"
    assert not check_allowlist("desk.example:5006", behind_a_proxy)
    assert not check_allowlist("evil.example", behind_a_proxy)
    assert check_allowlist("192.0.2.7", sign_in.origins("192.0.2.7", 443, []))
    assert "*" not in "".join(sign_in.origins("0.0.0.0", 5006, []))
    assert sign_in.origins("::1", 5006, []) == ["localhost:5006", "[::1]:5006"]


def test_the_sign_in_page_has_the_desks_colours_and_asks_for_nothing_outside():
    text = (APP / "templates" / "sign_in.html").read_text()
    assert not re.search(r"https?:|//|@import|url\(|<script|PANEL_CDN|npm_cdn", text)
    for mode, tokens in (("light", LIGHT), ("dark", DARK)):
        block = re.search(rf"color-scheme: {mode};(.*?)\}}", text, re.S).group(1)
        for name, value in re.findall(r"--([\w-]+): ([^;]+);", block):
            assert value == getattr(tokens, name.replace("-", "_")), (mode, name)
