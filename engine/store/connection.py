"""How the one database is opened: by SQLite, by ASE, and for the first time."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from engine.store import troubles

FILENAME = "campaign.db"
LOCK = "runner.lock"
BUSY_TIMEOUT = 30.0  # s that a writer waits for another one's transaction
CACHE = 256  # kB of pages that a connection keeps: the system keeps the file, and a server's lives for days


def has_base_seconds(connection: sqlite3.Connection) -> bool:
    """Whether steps say how long the potential underneath took; those of an older database do not."""
    return any(row[1] == "base_seconds" for row in connection.execute("PRAGMA table_info(steps)"))


def prepare(path: Path) -> None:
    """Make what is missing of a database, after a look at all that is there."""
    with connect(path) as connection:
        troubles.refuse_damaged(path, connection)
        connection.execute("PRAGMA journal_mode = WAL")
        # a fresh ASE file commits once it is initialised: do that before the first transaction of ours, and
        # in one of its own, for ASE cannot read a file in which a full disk left only some of its tables
        fresh = connect_ase(path)
        fresh._connect = lambda: _in_transaction(path)
        fresh.count()
        schema = files("engine.store").joinpath("schema.sql").read_text()
        connection.executescript(f"BEGIN IMMEDIATE; {schema} COMMIT;")
        if not has_base_seconds(connection):
            connection.execute("ALTER TABLE steps ADD COLUMN base_seconds REAL NOT NULL DEFAULT 0")
        connection.execute(
            "CREATE INDEX IF NOT EXISTS steps_cost ON steps (generator, seq, step, seconds, base_seconds)"
        )


class _Connection(sqlite3.Connection):
    """One that `with` closes: what ASE opens to read would stay until Python's collector comes."""

    def __exit__(self, *error: Any) -> Literal[False]:
        try:
            return super().__exit__(*error)
        finally:
            self.close()


def connect(path: Path) -> sqlite3.Connection:
    """Open a database, to read as well as to write; what is committed is on the disk."""
    where, is_uri = troubles.address(path)
    connection = sqlite3.connect(
        where, timeout=BUSY_TIMEOUT, check_same_thread=False, uri=is_uri, factory=_Connection
    )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{CACHE}")
    return connection


def _in_transaction(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def connect_ase(path: Path) -> Any:
    """Open it as an ASE database."""
    import ase.db  # half a second, for which no page waits that shows no campaign

    database = ase.db.connect(str(path), type="db", use_lock_file=False)
    database._connect = lambda: connect(path)  # our time-out and durability
    return database
