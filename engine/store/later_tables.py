"""Rows of the tables that came after the first version: of a campaign from before them, nothing."""

from __future__ import annotations

from engine.store.barriers import Barrier
from engine.store.opened import Opened
from engine.store.rows import REFERENCE, Measured, Walked
from engine.store.watched import Jump, Watched


class LaterTables(Opened):
    """Part of what a `Reader` reads; an older database that nobody may write lacks some of it."""

    def last_walk(self, chain: str) -> int | None:
        """The last step of a chain that came to anything, if one did."""
        if not self._has("walks"):
            return None
        ((step,),) = self._read("SELECT max(step) FROM walks WHERE generator = ?", (chain,))
        return None if step is None else int(step)

    def walks(self, chain: str, steps: int) -> list[Walked]:
        """What the walkers of a chain came to in its last so many steps, step by step."""
        if not self._has("walks"):
            return []
        rows = self._read(
            "SELECT w.walker, w.step, w.candidate, p.base_energy, s.model_id, s.energy, s.energy_std "
            "FROM walks w JOIN proposals p ON p.candidate = w.candidate "
            "LEFT JOIN scores s ON s.candidate = w.candidate "
            "AND s.model_id = (SELECT max(model_id) FROM scores WHERE candidate = w.candidate) "
            "WHERE w.generator = ?1 AND w.step > (SELECT max(step) FROM walks WHERE generator = ?1) - ?2 "
            "ORDER BY w.step, w.candidate",
            (chain, steps),
        )
        return [Walked(*row) for row in rows]

    def measured(self) -> tuple[Measured, ...]:
        """What was measured of the properties: the reference first, then each model in turn."""
        if not self._has("measured"):
            return ()
        sql = "SELECT model_id, body FROM measured ORDER BY model_id != ?, seq, model_id"
        return tuple(Measured.of(*row) for row in self._read(sql, (REFERENCE,)))

    def watched(self) -> tuple[Watched, ...]:
        """What trajectories did in each model, in turn; nothing without a watch."""
        if not self._has("watched"):
            return ()
        sql = "SELECT model_id, body FROM watched ORDER BY seq, model_id"
        return tuple(Watched.of(*row) for row in self._read(sql))

    def jumps(self) -> tuple[Jump, ...]:
        """Jumps into new states, in the order they were found."""
        if not self._has("jumps"):
            return ()
        sql = "SELECT name, model_id, body FROM jumps ORDER BY name"
        return tuple(Jump.of(*row) for row in self._read(sql))

    def barriers(self) -> tuple[Barrier, ...]:
        """Barriers between minima, the newest of each pair last."""
        if not self._has("barriers"):
            return ()
        rows = self._read(
            "SELECT first, second, model_id, rise_first, rise_second, converged, seconds, trouble "
            "FROM barriers ORDER BY model_id, first, second"
        )
        return tuple(
            Barrier(first, second, model_id, None if one is None else (one, other), bool(found), seconds, why)
            for first, second, model_id, one, other, found, seconds, why in rows
        )

    def _has(self, table: str) -> bool:
        return bool(self._read("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)))
