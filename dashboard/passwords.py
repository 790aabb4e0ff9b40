"""What people sign in with: a file of names and passwords, or one password of all; decided once.

Panel decides anew at every sign-in: while the file cannot be read or is gone, its path is the password of
all. It also looks for the file at its path in small letters. So here a path stays one, and the file is ours
to read.
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import panel as pn
from panel.auth import BasicLoginHandler

from engine.errors import ConfigError

UNREADABLE = "the passwords of this server cannot be read: whoever runs it finds why in its log"
UNKNOWN = "this name has no password here any more: sign in again, or ask whoever runs this server"
WANTED = 'write {"ada": "a long password", …}'


def start() -> None:
    """Decide what the setting is, and read its file ourselves from now on.

    Raises
    ------
    ConfigError
        if it names a file that cannot be used
    """
    file = None if pn.config.oauth_provider else file_of(setting())
    if file is not None:
        read(file)
        BasicLoginHandler._validate = _fits


def setting() -> str:
    """Panel's setting as it was given: of the environment, Panel tells it in small letters."""
    return os.environ.get("PANEL_BASIC_AUTH") or pn.config.basic_auth or ""


@cache
def file_of(setting: str) -> Path | None:
    """The file that a setting names, there or not; None where the setting is the password itself."""
    path, there = Path(setting), False
    with suppress(OSError, ValueError):
        there = path.is_file()
    return path.absolute() if there or path.is_absolute() or path.suffix == ".json" else None


def read(file: Path) -> dict[str, str]:
    """Passwords by name, as the file has them now.

    Raises
    ------
    ConfigError
        if it cannot be used
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{file} cannot be read ({error}): {WANTED}") from error
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise ConfigError(f"{file} holds no table of names and passwords: {WANTED}")
    return found


def problem(name: str) -> str:
    """Why a name is not proven now, in words that anybody may read, or nothing.

    Where nobody can prove one, the reason stands in the log.
    """
    file = file_of(setting())
    try:
        if file is not None and name not in read(file):
            return UNKNOWN
    except ConfigError as error:
        logging.getLogger(__name__).error("nobody can sign in: %s", error)
        return UNREADABLE
    return ""


def _fits(_handler: Any, name: str, password: str) -> bool:
    file = file_of(setting())
    try:
        return file is not None and (name, password) in read(file).items()
    except ConfigError:
        return False
