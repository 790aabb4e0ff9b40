"""One write of the runner: events and the rows that belong to them, together or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from engine.core.events import SCHEMA, Event, Recorded, encode
from engine.crashpoints import crash_point
from engine.protocols import Flag, FloatArray, State
from engine.store.barriers import Barrier
from engine.store.rows import Imported, Measured, Score
from engine.store.watched import Jump, Watched

KEPT = ("kind", "terms")
"""What a search may say of a structure, in its ``info``: of what kind it is, and what spoke for a frame."""


class Transaction:
    """Collects events and rows inside one database transaction.

    Attributes
    ----------
    recorded : events written so far, in their envelopes
    """

    def __init__(self, database: Any, seq: int, time: float) -> None:
        self._ase = database
        self._sql = database.connection
        self._time = time
        self._seq = seq
        self.recorded: list[Recorded] = []

    def append(self, event: Event, command_id: str | None = None) -> Recorded:
        """Write the next event of the log."""
        self._seq += 1
        item = Recorded(seq=self._seq, time=self._time, command_id=command_id, event=event)
        self._sql.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)",
            (item.seq, item.time, SCHEMA, command_id, event.kind, encode(event)),
        )
        self.recorded.append(item)
        crash_point(f"inside:{event.kind}")
        return item

    def consume(self, inbox_id: int) -> None:
        """Mark a wish as answered by the events of this transaction."""
        self._sql.execute("UPDATE inbox SET consumed_seq = ? WHERE id = ?", (self._seq, inbox_id))

    def propose(
        self,
        structure: Atoms,
        *,
        generator: str,
        step: int,
        model_id: str,
        parent: str | None,
        base_energy: float,
        features: FloatArray,
        flags: Sequence[Flag],
        walker: int | None = None,
    ) -> str:
        """Write a proposal, with its ``info`` of `KEPT` if it has any, and return the id it was given."""
        # none is ever deleted; to count them would read them all
        (count,) = self._sql.execute("SELECT ifnull(max(rowid), 0) FROM proposals").fetchone()
        candidate = f"c-{count + 1:06d}"
        bare = structure.copy()
        bare.calc = None
        told = {key: structure.info[key] for key in KEPT if key in structure.info}
        ase_id = self._ase.write(bare, candidate=candidate, generator=generator, data=told)
        self._sql.execute(
            "INSERT INTO proposals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            (
                candidate,
                self._seq,
                ase_id,
                generator,
                step,
                model_id,
                parent,
                base_energy,
                np.ascontiguousarray(features, dtype=float).tobytes(),
                json.dumps([asdict(flag) for flag in flags]),
            ),
        )
        self._sql.execute(
            "INSERT INTO walks VALUES (?, ?, ?, ?, ?)", (generator, step, candidate, walker, self._seq)
        )
        return candidate

    def add_imported(self, label: Imported) -> None:
        """Write a label from outside."""
        ase_id = self._ase.write(label.structure, imported=label.source, labelled=True)
        forces = np.ascontiguousarray(label.base_forces, dtype=float).tobytes()
        self._sql.execute(
            "INSERT INTO imported VALUES (NULL, ?, ?, ?, ?, ?)",
            (self._seq, ase_id, label.source, label.base_energy, forces),
        )

    def score(self, candidate: str, model_id: str, score: Score) -> None:
        """Write what a model says about a proposal."""
        std = score.atom_std
        blob = None if std is None else np.ascontiguousarray(std, dtype=float).tobytes()
        self._sql.execute(
            "INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?, ?)",
            (candidate, model_id, self._seq, score.energy, score.energy_std, blob),
        )

    def select(self, candidate: str) -> None:
        """Take a proposal out of the pool: it was put before the person."""
        self._sql.execute("UPDATE proposals SET selected_seq = ? WHERE candidate = ?", (self._seq, candidate))

    def step(
        self, generator: str, step: int, model_id: str, state: State, *, seconds: float, base_seconds: float
    ) -> None:
        """Write the state that a search's step left, and its core-seconds: all, and in the base potential."""
        self._sql.execute(
            "INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?, ?)",
            (generator, step, self._seq, model_id, json.dumps(state), seconds, base_seconds),
        )

    def measure(self, found: Measured) -> None:
        """Write what a model, or the reference, gives for the properties; of each there is one row."""
        row = (found.model_id, self._seq, found.body())
        self._sql.execute("INSERT INTO measured VALUES (?, ?, ?)", row)
        crash_point("properties-measured")

    def watch(self, found: Watched) -> None:
        """Write what trajectories in a model did; of each model there is one row."""
        row = (found.model_id, self._seq, found.body())
        self._sql.execute("INSERT INTO watched VALUES (?, ?, ?)", row)
        crash_point("model-watched")

    def jump(self, found: Jump) -> None:
        """Write a jump into a new state, whose frames are candidates."""
        row = (found.name, self._seq, found.model_id, found.body())
        self._sql.execute("INSERT INTO jumps VALUES (?, ?, ?, ?)", row)

    def barrier(self, found: Barrier) -> None:
        """Write what a model says of the way between two minima; a second look replaces the first."""
        row = (
            found.first,
            found.second,
            found.model_id,
            self._seq,
            *(found.rises or (None, None)),
            found.converged,
            found.seconds,
            found.trouble,
        )
        self._sql.execute("INSERT OR REPLACE INTO barriers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def label(
        self, candidate: str, energy: float, forces: FloatArray, stress: Sequence[float] | None = None
    ) -> None:
        """Attach the reference's energy (eV), forces (eV/Å) and stress (eV/Å³) to a candidate's structure."""
        (ase_id,) = self._sql.execute(
            "SELECT ase_id FROM proposals WHERE candidate = ?", (candidate,)
        ).fetchone()
        structure = self._ase.get_atoms(id=ase_id)
        more = {} if stress is None else {"stress": np.asarray(stress)}
        structure.calc = SinglePointCalculator(structure, energy=energy, forces=np.asarray(forces), **more)
        self._ase.update(ase_id, atoms=structure, labelled=True)

    def committed(self) -> None:
        """Pass the crash points that lie behind the commit."""
        for item in self.recorded:
            crash_point(f"after:{item.event.kind}")
