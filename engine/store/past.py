"""A campaign's database as it was known when an event was written."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from engine.errors import CampaignError
from engine.store.database import Store

_LIMITED = (
    "SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c ON c.name = 'seq' "
    "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name != 'proposals'"
)
"""Tables whose rows say under which event they were written, all but proposals."""
_PROPOSALS = (
    "SELECT candidate, seq, ase_id, generator, step, model_id, parent, base_energy, features, flags, "
    "CASE WHEN selected_seq <= (SELECT seq FROM temp.moment) THEN selected_seq END AS selected_seq "
    "FROM main.proposals WHERE seq <= (SELECT seq FROM temp.moment)"
)


class PastStore(Store):
    """Reads what stood in the database at one event; `look` moves it to another.

    Views of this connection alone stand before the tables of the same names, so whatever asks the store reads
    the past. Structures come as they are now: one labelled later carries its label.

    Parameters
    ----------
    folder : of the campaign; nothing is written there
    until : the event, by its seq
    """

    def __init__(self, folder: Path, until: int = 0) -> None:
        super().__init__(folder)
        limited = [name for (name,) in self._read(_LIMITED)]
        with self._lock, self._in_words():
            self._plain.execute("CREATE TEMP TABLE moment (seq INTEGER NOT NULL)")
            self._plain.execute("INSERT INTO moment VALUES (?)", (until,))
            self._plain.execute(f"CREATE TEMP VIEW proposals AS {_PROPOSALS}")
            for name in limited:
                self._plain.execute(
                    f"CREATE TEMP VIEW {name} AS SELECT * FROM main.{name} "  # nosec B608
                    "WHERE seq <= (SELECT seq FROM temp.moment)"
                )
            self._plain.commit()

    def look(self, until: int) -> None:
        """Read the database as it was at this event from now on."""
        with self._lock, self._in_words():
            self._plain.execute("UPDATE moment SET seq = ?", (until,))
            self._plain.commit()

    def post(self, *_: object, **__: object) -> NoReturn:
        """Refuse: nothing can be wished of the past."""
        raise CampaignError("this is a replay: it takes no decisions")

    def post_all(self, *_: object, **__: object) -> NoReturn:
        """Refuse as well."""
        self.post()
