import json

import pytest

from dashboard.access import is_this_machine, person, proof


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
