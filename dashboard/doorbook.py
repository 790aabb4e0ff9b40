"""Who came in, and who was refused what: ``access.log`` beside the campaigns, a line of JSON each.

Decisions stand in each campaign's own log. This file is the server's, and turns over before strangers who
knock for ever could fill the disk.
"""

from __future__ import annotations

import json
import logging
import time
from logging.handlers import RotatingFileHandler

from dashboard.people import Person
from engine import campaigns

FILENAME = "access.log"
LARGEST = 1_000_000  # bytes
KEPT = 3  # older files

_log = logging.getLogger(__name__)


def open_book() -> None:
    """Write into the file from now on."""
    home = campaigns.home()
    home.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(home / FILENAME, maxBytes=LARGEST, backupCount=KEPT, delay=True)
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.handlers[:] = [handler]
    _log.propagate = False
    _log.setLevel(logging.INFO)


def opened(who: Person | None, role: str, address: str) -> None:
    """A page was asked for, and given to a person in this role (or locked: ``none``)."""
    _write("opened", who, role=role, address=address)


def refused(who: Person, role: str, wish: str, campaign: str) -> None:
    """A wish was beyond the person's role."""
    _write("refused", who, role=role, wish=wish, campaign=campaign)


def _write(what: str, who: Person | None, **facts: str) -> None:
    said = {"name": who.name, "auth": who.auth} if who else {"name": None, "auth": None}
    line = {"time": round(time.time(), 3), "what": what, **said, **facts}
    _log.info("%s", json.dumps(line))
