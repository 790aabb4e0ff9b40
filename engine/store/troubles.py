"""What SQLite complains of, in words that say what to do.

Nothing but SQLite opens campaign.db, here or elsewhere: when a process closes any descriptor of a file, the
kernel drops all its locks on it, and then another process may throw away what this one writes
(https://www.sqlite.org/howtocorrupt.html, 2.2).
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from engine.errors import StorageError

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_FORBIDDEN = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_OF_ASE = {
    "systems",
    "species",
    "keys",
    "text_key_values",
    "number_key_values",
    "information",
    "sqlite_sequence",
}  # made before the log
_PRIMARY = 0xFF  # the low byte of an extended result code


def in_words(path: Path, error: sqlite3.Error) -> StorageError:
    """The error to raise for one of SQLite's about the database `path`."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code in _DAMAGED:
        return damaged(path, str(error))
    if code in _FULL:
        return StorageError(
            f"{path}: the disk takes no more ({error}); what was written is safe: make room, then "
            f"`deltadesk run {path.parent}` goes on"
        )
    if code in _FORBIDDEN:
        return StorageError(
            f"{path} cannot be opened for writing here ({error}): see who owns {path.parent} and whether its "
            "disk is mounted read-only, or copy the campaign to a place of yours"
        )
    if code in _BUSY:
        return StorageError(f"{path} is in another process's hands for too long: {error}")
    return StorageError(
        f"{path} is not a campaign's database ({error}); where a full disk broke off its making, "
        f"`deltadesk run {path.parent}` makes the rest"
    )


def damaged(path: Path, why: str) -> StorageError:
    """The error to raise for a database that has lost some of itself."""
    return StorageError(
        f"{path} is damaged ({why}): `deltadesk restore BACKUP {path.parent}` puts a copy back that "
        "`deltadesk backup` made"
    )


def refuse_forgotten(path: Path) -> None:
    """See that no new log begins where an older one was: a database that is not there, or empty.

    Raises
    ------
    StorageError
        if calculations that were paid for lie beside it
    """
    is_empty = not path.exists() or path.stat().st_size == 0
    if is_empty and any(path.parent.glob("references/*")):
        raise _forgotten(path)


def refuse_damaged(path: Path, connection: sqlite3.Connection) -> None:
    """Read a whole database before anything is written to it.

    Raises
    ------
    StorageError
        if a page of it is not what it should be, its log has lost all that is in its write-ahead file, or it
        is another program's
    """
    try:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise damaged(path, said)
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        has_log = "events" in tables
        events = connection.execute("SELECT count(*) FROM events").fetchone()[0] if has_log else 0
    except sqlite3.Error as error:
        raise in_words(path, error) from error
    if not has_log and tables - _OF_ASE:
        raise StorageError(f"{path} is another program's database: move it away, or name another folder")
    if not events and any(path.parent.glob("references/*")):
        raise _forgotten(path)


def _forgotten(path: Path) -> StorageError:
    return damaged(path, "it is gone or empty, and references/ holds calculations that it knew")


def address(path: Path) -> tuple[str, bool]:
    """What to give `sqlite3.connect`, and whether that is a URI.

    A database that nobody writes, in a folder where this user may not, is read as it lies: SQLite would want
    to make its side files there.
    """
    at_rest = not path.with_name(f"{path.name}-wal").exists()
    if at_rest and path.exists() and not os.access(path.parent, os.W_OK):
        return f"{path.resolve().as_uri()}?immutable=1", True
    return str(path), False
