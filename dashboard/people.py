"""Who may do what on this server: ``people.toml`` beside the campaigns, and the role of each person.

A name with a role that it was not proven to have is worth nothing, so a shared password, which any name can
be typed beside, has one role for all. A file that cannot be read, or that was there and is gone, locks
everybody out.
"""

from __future__ import annotations

import logging
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine import campaigns
from engine.core import (
    AdoptVetoRule,
    AnyCommand,
    ApproveCandidate,
    CancelReference,
    DeferCandidate,
    DropVetoRule,
    EditCandidate,
    RetryReference,
    SendNow,
    UndoDecision,
    VetoCandidate,
)
from engine.core.events import Auth
from engine.errors import ConfigError, NotAllowedError

FILENAME = "people.toml"
Role = Literal["none", "look", "curate", "administer"]
ROLES: tuple[Role, ...] = get_args(Role)
CURATING = (
    ApproveCandidate,
    VetoCandidate,
    DeferCandidate,
    UndoDecision,
    SendNow,
    EditCandidate,
    AdoptVetoRule,
    DropVetoRule,
    RetryReference,
    CancelReference,
)
"""What `curate` may wish for; everything else needs `administer`."""
PROVEN: dict[str, str] = {
    "local": "on this machine, not signed in",
    "password": "own password",
    "shared": "shared password: the name is not proven",
    "oauth": "OAuth",
}
"""How the name of a person was proven, in words."""
WORDS: dict[Role, str] = {
    "none": "has no role here",
    "look": "may look, but not decide",
    "curate": "may decide, but not change runs, budgets and settings",
    "administer": "may do everything",
}
"""What each role may do, and what it may not."""
UNREADABLE = f"{FILENAME} cannot be read, so nobody has a role: whoever runs this server finds why in its log"
"""All that a page says of a file that cannot be used: who sees it may be a stranger."""
_read: set[Path] = set()
"""Files that this process has read: without one of them everybody would have more than it gave."""


@dataclass(frozen=True)
class Person:
    """Who sits at this tab, and how the name was proven."""

    name: str
    auth: Auth


class People(BaseModel):
    """The file: roles by name, and of those who have none there.

    Attributes
    ----------
    local : whoever sits at this machine, on a server without authentication
    shared : whoever typed the one shared password, under whatever name
    others : whoever signed in and is not listed
    people : the listed ones, by the name they sign in with
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    local: Role = "administer"
    shared: Role = "curate"
    others: Role = "none"
    people: dict[Annotated[str, Field(min_length=1, max_length=80)], Role] = {}

    def role(self, person: Person) -> Role:
        """What this person may do."""
        match person.auth:
            case "local":
                return self.local
            case "shared":
                return self.shared
            case "password" | "oauth":
                return self.people.get(person.name, self.others)
        return "none"


WITHOUT_FILE = {"password": People(others="administer")}
"""Without the file those with a password of their own administer: the owner of the server made them one.
An OAuth provider has accounts of strangers: nobody who comes from there has a role before it is written."""


def path() -> Path:
    """Where the file is."""
    return campaigns.home() / FILENAME


def load(file: Path) -> People | None:
    """Read the file; None where there is none, and this process has never read one.

    Raises
    ------
    ConfigError
        if it cannot be used
    """
    try:
        people = People.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        _expect_none(file, error)
        return None
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        got = f" = {problem['input']!r}" if isinstance(problem["input"], str) else ""
        raise ConfigError(f"{file}: {where}{got}: {problem['msg']}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error
    _read.add(file)
    return people


def _expect_none(file: Path, error: FileNotFoundError) -> None:
    """Let there be no file, unless there was one or something points to it."""
    if file.is_symlink():
        raise ConfigError(f"{file} points to a file that is not there: mend the link or remove it") from error
    if file in _read:
        raise ConfigError(
            f"{file} was there and is gone: put it back, or restart the server to go on without roles"
        ) from error


def role_of(person: Person) -> Role:
    """What a person may do now; a changed file counts at once.

    Raises
    ------
    ConfigError
        if the file cannot be used
    """
    file = path()
    try:
        stat = file.stat()
    except OSError:
        people = load(file)  # which says why
    else:
        people = _kept(file, stat.st_mtime_ns, stat.st_size)
    return (people or WITHOUT_FILE.get(person.auth, People())).role(person)


def may(person: Person, needed: Role) -> bool:
    """Whether a person's role is this one or a higher one; nobody's is while the file cannot be used."""
    return ROLES.index(standing(person)[0]) >= ROLES.index(needed)


def standing(person: Person | None) -> tuple[Role, str]:
    """(role, problem) of whoever opens a page; the problem says that the file cannot be used, or nothing.

    Why stands in the server's log, once until it is mended or broken otherwise.
    """
    if person is None:
        return "none", ""
    try:
        role = role_of(person)
    except ConfigError as error:
        _into_log(str(error))
        return "none", UNREADABLE
    _into_log.cache_clear()
    return role, ""


def require(person: Person, needed: Role) -> None:
    """Let a person pass whose role is enough.

    Raises
    ------
    NotAllowedError
        if it is not
    ConfigError
        if the file cannot be used
    """
    role = role_of(person)
    if ROLES.index(role) < ROLES.index(needed):
        raise NotAllowedError(
            f"{person.name} {WORDS[role]}: whoever runs this server gives roles in {FILENAME}"
        )


def needed_for(command: AnyCommand) -> Role:
    """The least role that may wish for this."""
    return "curate" if isinstance(command, CURATING) else "administer"


@lru_cache(maxsize=1)
def _into_log(problem: str) -> None:
    logging.getLogger(__name__).error("nobody has a role: %s", problem)


@lru_cache(maxsize=4)
def _kept(file: Path, changed: int, size: int) -> People:  # noqa: ARG001 - part of the key
    people = load(file)
    if people is None:
        raise ConfigError(f"{file} is gone since a moment ago: load the page again")
    return people
