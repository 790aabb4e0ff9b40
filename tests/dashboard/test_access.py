from dashboard.access import is_this_machine, person


def test_a_stranger_from_another_machine_finds_the_page_locked():
    class Request:
        remote_ip = "192.0.2.7"

    assert person(None, Request()) is None
    assert person("guest", Request()) is None
    assert person("ada", Request()).auth == "password"
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "127.3.2.1"):
        assert is_this_machine(address)
    for address in ("192.168.0.4", "::ffff:10.0.0.1", "", None, "localhost.example.org"):
        assert not is_this_machine(address)
