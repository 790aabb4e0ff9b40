"""Open, read and post to a campaign's database.

`Store` reads, from any process; :class:`engine.store.transaction.Transaction` writes, from the one runner.
The file is an ASE database (``ase gui campaign.db`` works) with our tables beside ASE's.
"""

from __future__ import annotations

import gc
import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from engine.core import Recorded, commands
from engine.core.commands import AnyCommand
from engine.core.events import SCHEMA, decode
from engine.errors import CampaignError
from engine.store import troubles
from engine.store.connection import FILENAME, connect, connect_ase, prepare
from engine.store.reader import Reader
from engine.store.rows import Pending
from engine.store.transaction import Transaction


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage while many objects come that are none: it takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Store(Reader):
    """A campaign's database: its log, its inbox and its rows."""

    @classmethod
    def create(cls, folder: Path) -> Store:
        """Open a folder's database to write to it, making it first where there is none.

        Raises
        ------
        StorageError
            if it is damaged, or cannot be written
        """
        path = folder / FILENAME
        troubles.refuse_forgotten(path)
        try:
            prepare(path)
        except sqlite3.Error as error:
            raise troubles.in_words(path, error) from error
        return cls(folder)

    # ---- the log

    def events(
        self, after: int = 0, up_to: int | None = None, kinds: Iterable[str] | None = None
    ) -> list[Recorded]:
        """Events with `after` < seq ≤ `up_to`, in order; of these kinds, or of all."""
        named = None if kinds is None else json.dumps(list(kinds))
        rows = self._read(
            "SELECT seq, time, schema_version, command_id, body FROM events WHERE seq > ? AND seq <= ? "
            "AND (? IS NULL OR kind IN (SELECT value FROM json_each(?))) ORDER BY seq",
            (after, up_to if up_to is not None else 2**62, named, named),
        )
        with uncollected():
            return [self._recorded(*row) for row in rows]

    def last_event(self, kind: str | None = None) -> Recorded | None:
        """The newest event, of this kind or of all; None before there is one."""
        rows = self._read(
            "SELECT seq, time, schema_version, command_id, body FROM events WHERE ? IN (kind, '') "
            "ORDER BY seq DESC LIMIT 1",
            (kind or "",),
        )
        return next((self._recorded(*row) for row in rows), None)

    def calculates(self) -> bool:
        """Whether the log waits for a reference calculation that was submitted."""
        rows = self._read(
            "SELECT kind, max(seq) FROM events "
            "WHERE kind IN ('ReferenceSubmitted', 'ReferenceCompleted', 'ReferenceFailed') "
            "GROUP BY json_extract(body, '$.candidate')",
            (),
        )
        return any(kind == "ReferenceSubmitted" for kind, _ in rows)

    def seq_before(self, time: float) -> int:
        """The newest event that is older than this (s since 1970); 0 before there is one."""
        rows = self._read("SELECT seq FROM events WHERE time < ? ORDER BY seq DESC LIMIT 1", (time,))
        return int(rows[0][0]) if rows else 0

    def _recorded(self, seq: int, time: float, schema: int, command_id: str | None, body: str) -> Recorded:
        if schema > SCHEMA:
            raise CampaignError(f"{self.path} was written by a newer deltadesk: please update")
        try:
            event = decode(body)
        except ValidationError as error:
            raise CampaignError(f"{self.path}: event {seq} is not readable: {body[:80]}") from error
        return Recorded(seq=seq, time=time, schema_version=schema, command_id=command_id, event=event)

    # ---- the inbox

    def post(self, command: AnyCommand, time: float, command_id: str | None = None) -> str:
        """Leave a wish for the runner; the same `command_id` twice is one wish. Durable on return."""
        command_id = command_id or uuid.uuid4().hex
        self._leave([(command_id, time, commands.encode(command))])
        return command_id

    def post_all(self, wishes: Sequence[AnyCommand], time: float) -> list[str]:
        """Leave several wishes together, in this order. Durable on return, or none of them is left."""
        rows = [(uuid.uuid4().hex, time, commands.encode(wish)) for wish in wishes]
        self._leave(rows)
        return [command_id for command_id, *_ in rows]

    def _leave(self, rows: list[tuple[str, float, str]]) -> None:
        sql = "INSERT OR IGNORE INTO inbox (command_id, time, body) VALUES (?, ?, ?)"
        with self._in_words(), connect(self.path) as connection:
            connection.executemany(sql, rows)

    def pending(self) -> list[Pending]:
        """Wishes that were not answered yet, in the order they came."""
        rows = self._read("SELECT id, command_id, body FROM inbox WHERE consumed_seq IS NULL ORDER BY id")
        return [Pending(i, command_id, _read_command(body)) for i, command_id, body in rows]

    def answer(self, command_id: str) -> list[Recorded] | None:
        """Events that answered a wish, or None while it waits."""
        rows = self._read("SELECT consumed_seq FROM inbox WHERE command_id = ?", (command_id,))
        if not rows or rows[0][0] is None:
            return None
        found = self._read(
            "SELECT seq, time, schema_version, command_id, body FROM events "
            "WHERE command_id = ? ORDER BY seq",
            (command_id,),
        )
        return [self._recorded(*row) for row in found]

    # ---- writing

    @contextmanager
    def transaction(self, seq: int, time: float) -> Iterator[Transaction]:
        """One write: all of it or nothing. Only the runner, which holds the folder's lock, may call this.

        Parameters
        ----------
        seq : last event that the writer has folded
        time : of the events written, s since 1970
        """
        writer = connect_ase(self.path)
        try:
            with self._in_words(), writer:
                writer.change_count = (
                    0.5  # ASE itself commits at every 5,000th change: of halves there is none
                )
                writer.connection.execute("BEGIN IMMEDIATE")
                transaction = Transaction(writer, seq, time)
                yield transaction
        finally:
            if writer.connection is not None:  # ASE leaves it open where the commit failed
                writer.connection.close()
        transaction.committed()


def _read_command(body: str) -> AnyCommand | None:
    try:
        return commands.decode(body)
    except ValidationError:
        return None
