"""A campaign's database, open to be read; what goes wrong is said in words."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.errors import CampaignError
from engine.store import troubles
from engine.store.connection import FILENAME, connect, connect_ase, has_base_seconds


class Opened:
    """One plain connection that stays open, and ASE's own.

    Raises
    ------
    CampaignError
        if the folder holds no database of a campaign
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILENAME
        if not self.path.exists():
            raise CampaignError(f"{folder} holds no {FILENAME}: start the campaign with `deltadesk run`")
        self._lock = threading.Lock()
        self._ase = connect_ase(self.path)
        try:
            self._plain = connect(self.path)
            # before ASE, which would make its tables in any database that is not ours
            self._plain.execute("SELECT seq, schema_version, command_id, body FROM events LIMIT 1").fetchone()
            self._ase.count()
            # a database from before this column was added is read as it is, and gets it when it runs again
            self._base_seconds = "base_seconds" if has_base_seconds(self._plain) else "0.0"
        except sqlite3.Error as error:
            raise troubles.in_words(self.path, error) from error
        except OSError as error:  # ASE's word on a format that it does not read
            raise CampaignError(f"{self.path} is not a campaign's database: {error}") from error

    def close(self) -> None:
        """Close the plain connection."""
        with self._lock:
            self._plain.close()

    def _read(self, sql: str, parameters: tuple[object, ...] = ()) -> list[Any]:
        with self._lock, self._in_words():
            return self._plain.execute(sql, parameters).fetchall()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise troubles.in_words(self.path, error) from error
