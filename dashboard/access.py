"""Who may use this tab: whoever signed in, or sits at this machine."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from dashboard.session import Person


def person(user: str | None, request: Any) -> Person | None:
    """The person at the other end, or None if the page must stay locked.

    Parameters
    ----------
    user : name that Panel's authentication proved, or None without authentication
    request : the tab's HTTP request
    """
    # Panel calls a visitor without authentication "guest"
    if user and user != "guest":
        return Person(user, "password")
    if is_this_machine(getattr(request, "remote_ip", None)):
        return Person("local", "local")
    return None


def is_this_machine(address: str | None) -> bool:
    """Whether an address is this machine's loopback."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
