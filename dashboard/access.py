"""Who may use this tab: whoever signed in, or sits at this machine and this server asks nobody to sign in."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Literal

import panel as pn
from tornado.web import decode_signed_value

from dashboard import passwords
from dashboard.people import Person, Role, standing

Proof = Literal["", "password", "shared", "oauth"]
LONGEST = 80  # characters of a name in the log
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers that a proxy adds: the address it comes from is then the proxy's, not the person's."""

NAMING = ("bokeh-session-id", "bokeh-token")
"""With these a link says what its session is called, and who made it knows; the desk has no such links."""


def proof(basic_auth: object, oauth_provider: object) -> Proof:
    """What this server's authentication proves: nothing without one.

    Parameters
    ----------
    basic_auth : Panel's setting: a password, the path of a file (whether it can be read or not), or nothing
    oauth_provider : Panel's setting: a provider's name, or nothing
    """
    if oauth_provider:
        return "oauth"
    if not basic_auth:
        return ""
    return "password" if passwords.file_of(str(basic_auth)) else "shared"


def proven() -> Proof:
    """What the authentication of this server proves."""
    return proof(passwords.setting(), pn.config.oauth_provider)


def person(user: str | None, request: Any, proven: Proof) -> Person | None:
    """The person at the other end, or None if the page must stay locked.

    Parameters
    ----------
    user : name that Panel's authentication proved, or None without authentication
    request : the tab's HTTP request
    proven : what this server's authentication proves
    """
    if proven:
        # Panel calls a visitor who did not sign in "guest": a cookie that anybody can send says so
        name = "" if user in (None, "guest") else str(user).strip()
        return Person(name, proven) if 0 < len(name) <= LONGEST and name.isprintable() else None
    return Person("local", "local") if sits_here(request) else None


def is_signed_in(cookie: str) -> bool:
    """Whether the cookie of whoever signed in still counts; without authentication there is none to end."""
    secret, days = pn.config.cookie_secret, pn.config.oauth_expiry
    return not proven() or decode_signed_value(secret, "user", cookie, max_age_days=days) is not None


def is_named(context: Any) -> bool:
    """Whether the link to a page said what its session is called."""
    # the request's `arguments` do not have it; its token does, with which a session may be made anew
    asked = getattr(context.request, "query_arguments", None) or {}
    told = context.token_payload.get("arguments") or {}
    return any(name in asked or name in told for name in NAMING)


def role(who: Person | None, *, named: bool = False) -> tuple[Role, str]:
    """(role, problem) of whoever asks for a page; the problem is why it stays locked, or nothing."""
    if named:
        return "none", "this address names a session that others may know: open the desk at its own address"
    problem = passwords.problem(who.name) if who is not None and who.auth == "password" else ""
    return ("none", problem) if problem else standing(who)


def sits_here(request: Any) -> bool:
    """Whether a request comes from this machine itself, and no proxy brought it."""
    # Bokeh's proxy of the request has the headers that the page's token claims
    for seen in (request, getattr(request, "_request", None)):
        if any(name.lower() in FORWARDED for name in getattr(seen, "headers", None) or ()):
            return False
    return is_this_machine(getattr(request, "remote_ip", None))


def is_this_machine(address: str | None) -> bool:
    """Whether an address is this machine's loopback."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
