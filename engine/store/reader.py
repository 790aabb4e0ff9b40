"""Rows of a campaign's database: what was proposed, scored, searched and measured; from any process."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from ase import Atoms

from engine.core import Composition, Exploration
from engine.errors import CampaignError
from engine.protocols import Flag, FloatArray, Known
from engine.store.explorations import explorations
from engine.store.later_tables import LaterTables
from engine.store.rows import (
    Imported,
    NewestScore,
    ProposalTable,
    Proposed,
    Score,
    SearchedSoFar,
    StoredStep,
    Summary,
)
from engine.store.transaction import KEPT


class Reader(LaterTables):
    """Reads a campaign's rows."""

    def pool(self, limit: int) -> list[str]:
        """The newest `limit` proposals that were never selected, oldest first."""
        rows = self._read(
            "SELECT candidate FROM proposals WHERE selected_seq IS NULL ORDER BY candidate DESC LIMIT ?",
            (limit,),
        )
        return [candidate for (candidate,) in reversed(rows)]

    def count_pool(self, model_id: str, given: Iterable[str] = ()) -> int:
        """Return how many unselected proposals were found with this model, or by a search that is `given`."""
        fresh = "SELECT count(*) FROM proposals WHERE selected_seq IS NULL AND model_id"
        rows = self._read(fresh + " = ?", (model_id,))
        if chains := [f"{name}/0" for name in given]:  # a given set has no other
            of_given = " != ? AND generator IN (SELECT value FROM json_each(?))"
            rows += self._read(fresh + of_given, (model_id, json.dumps(chains)))
        return sum(count for (count,) in rows)

    def probe(self, size: int) -> list[str]:
        """The fixed probe set: the first `size` proposals of the campaign, or none while there are fewer."""
        rows = self._read("SELECT candidate FROM proposals ORDER BY candidate LIMIT ?", (size,))
        return [candidate for (candidate,) in rows] if len(rows) == size else []

    def sample(self, count: int, among: int | None = None) -> list[str]:
        """Proposals that stand for all, or for the first `among`: at most `count`, evenly spaced."""
        total = self.count_proposals() if among is None else min(among, self.count_proposals())
        rows = self._read(
            "SELECT candidate FROM (SELECT candidate, row_number() OVER (ORDER BY candidate) - 1 AS n "
            "FROM proposals) WHERE n < ? AND n % ? = 0",
            (total, max(1, -(-total // count))),
        )
        return [candidate for (candidate,) in rows]

    def kinds(self, candidates: Iterable[str] | None = None) -> dict[str, str]:
        """What kind the structures of these candidates, or of all, are of; of those whose search said so."""
        named = None if candidates is None else json.dumps(list(candidates))
        rows = self._read(
            "SELECT candidate, data FROM proposals JOIN systems ON systems.id = ase_id "
            "WHERE ? IS NULL OR candidate IN (SELECT value FROM json_each(?))",
            (named, named),
        )
        return {candidate: kind for candidate, data in rows if (kind := _kind(data)) is not None}

    def n_atoms(self, candidates: Sequence[str]) -> list[int]:
        """Number of atoms of each of these candidates; no structure is read."""
        rows = self._read(
            "SELECT p.candidate, s.natoms FROM proposals p JOIN systems s ON s.id = p.ase_id "
            "WHERE p.candidate IN (SELECT value FROM json_each(?))",
            (json.dumps(list(candidates)),),
        )
        known = dict(rows)
        return [known[candidate] for candidate in candidates]

    def compositions(self, candidates: Sequence[str]) -> dict[str, Composition]:
        """Composition of each of these candidates; no structure is read."""
        rows = self._read(
            "SELECT p.candidate, s.numbers FROM proposals p JOIN systems s ON s.id = p.ase_id "
            "WHERE p.candidate IN (SELECT value FROM json_each(?))",
            (json.dumps(list(candidates)),),
        )
        return {name: tuple(sorted(np.frombuffer(blob, "<i4").tolist())) for name, blob in rows}

    def features(self, candidates: Sequence[str]) -> dict[str, FloatArray]:
        """Summed descriptor (d,) of each of these candidates; no structure is read."""
        rows = self._read(
            "SELECT candidate, features FROM proposals WHERE candidate IN (SELECT value FROM json_each(?))",
            (json.dumps(list(candidates)),),
        )
        return {candidate: np.frombuffer(blob) for candidate, blob in rows}

    def of_chain(self, chain: str) -> list[str]:
        """All proposals of a chain of steps, in the order they were made."""
        sql = "SELECT candidate FROM proposals WHERE generator = ? ORDER BY rowid"
        return [candidate for (candidate,) in self._read(sql, (chain,))]

    def of_other_chains(self, chain: str, limit: int) -> list[str]:
        """The newest `limit` proposals of the other chains of this chain's search, oldest first."""
        sql = (
            "SELECT candidate FROM proposals WHERE generator != ? "
            "AND substr(generator, 1, instr(generator, '/')) = ? ORDER BY candidate DESC LIMIT ?"
        )
        rows = self._read(sql, (chain, chain[: chain.index("/") + 1], limit))
        return [candidate for (candidate,) in reversed(rows)]

    def of_steps(self, chain: str, first: int, last: int) -> list[tuple[int, str]]:
        """Step and candidate of a chain's proposals from step `first` to `last`, as they were made."""
        return self._read(
            "SELECT step, candidate FROM proposals WHERE generator = ? AND step BETWEEN ? AND ? "
            "ORDER BY rowid",
            (chain, first, last),
        )

    def count_proposals(self) -> int:
        """Return how many structures were ever proposed."""
        return int(self._read("SELECT count(*) FROM proposals")[0][0])

    def proposals(self, candidates: Iterable[str]) -> list[Proposed]:
        """Rows of these candidates, in the order asked for."""
        return [self._proposal(candidate) for candidate in candidates]

    def summaries(self) -> list[Summary]:
        """Every proposal of the campaign in one line each, in the order they were made."""
        rows = self._read(
            "SELECT p.candidate, p.generator, p.step, p.parent, p.base_energy, s.model_id, s.energy, "
            "s.energy_std, json_array_length(p.flags) FROM proposals p LEFT JOIN scores s ON "
            "s.candidate = p.candidate AND s.model_id = "
            "(SELECT max(model_id) FROM scores WHERE candidate = p.candidate) ORDER BY p.candidate"
        )
        return [Summary(*row) for row in rows]

    def imported(self) -> list[Imported]:
        """Labels from outside, in the order of their sources."""
        sql = "SELECT ase_id, source, base_energy, base_forces FROM imported ORDER BY number"
        with self._lock, self._in_words(), self._ase:
            rows = self._plain.execute(sql).fetchall()
            structures = [self._ase.get_atoms(id=row[0]) for row in rows]
        return [
            Imported(source, structure, energy, np.frombuffer(forces).reshape(-1, 3))
            for (_, source, energy, forces), structure in zip(rows, structures, strict=True)
        ]

    def _proposal(self, candidate: str) -> Proposed:
        rows = self._read(
            "SELECT candidate, ase_id, generator, step, model_id, parent, base_energy, features, flags "
            "FROM proposals WHERE candidate = ?",
            (candidate,),
        )
        if not rows:
            raise CampaignError(f"{self.path} holds no candidate {candidate}")
        row = dict(zip(Proposed.__dataclass_fields__, rows[0], strict=True))
        row["features"] = np.frombuffer(row["features"])
        row["flags"] = tuple(Flag(**flag) for flag in json.loads(row["flags"]))
        return Proposed(**row)

    def near(self, energy: float, window: float, before: str | None = None) -> list[Known]:
        """Proposals whose base energy is within `window` (eV) of `energy`; with `before`, older ones only."""
        rows = self._read(
            "SELECT candidate, base_energy, features FROM proposals WHERE base_energy BETWEEN ? AND ? "
            "AND (candidate < ? OR ? IS NULL) ORDER BY candidate",
            (energy - window, energy + window, before, before),
        )
        return [Known(candidate, base, np.frombuffer(blob)) for candidate, base, blob in rows]

    def structures(self, candidates: Iterable[str]) -> list[Atoms]:
        """Structures of these candidates, labelled ones with the reference's energy and forces.

        What kind one is of stands in its ``info["kind"]``, and what spoke for a frame of a trajectory in
        ``info["terms"]``, if its search said so.
        """
        with self._lock, self._in_words(), self._ase:
            return [_atoms(self._ase.get(id=p)) for p in self._ase_ids(candidates)]

    def _ase_ids(self, candidates: Iterable[str]) -> Iterator[int]:
        for candidate in candidates:
            row = self._plain.execute(
                "SELECT ase_id FROM proposals WHERE candidate = ?", (candidate,)
            ).fetchone()
            if row is None:
                raise CampaignError(f"{self.path} holds no candidate {candidate}")
            yield row[0]

    def scores(self, candidates: Iterable[str], model_id: str | None = None) -> dict[str, Score]:
        """Each candidate's score under `model_id`, or the latest one it has."""
        found = {}
        for candidate in candidates:
            rows = self._read(
                "SELECT energy, energy_std, atom_std FROM scores WHERE candidate = ? "
                "AND (model_id = ? OR ? IS NULL) ORDER BY model_id DESC LIMIT 1",
                (candidate, model_id, model_id),
            )
            for energy, std, blob in rows:
                atom_std = None if blob is None else np.frombuffer(blob)
                found[candidate] = Score(candidate, energy, std, atom_std)
        return found

    def proposal_table(self, after: str = "", limit: int = 5000) -> ProposalTable:
        """The next `limit` proposals behind candidate `after`, with the newest score of each.

        10^5 proposals are read in pieces.
        """
        rows = self._read(
            "SELECT p.candidate, p.generator, p.step, p.base_energy, p.features, "
            "s.model_id, s.energy, s.energy_std FROM proposals p LEFT JOIN scores s "
            "ON s.candidate = p.candidate "
            "AND s.model_id = (SELECT max(model_id) FROM scores WHERE candidate = p.candidate) "
            "WHERE p.candidate > ? ORDER BY p.candidate LIMIT ?",
            (after, limit),
        )
        features = np.frombuffer(b"".join(row[4] for row in rows))
        return ProposalTable(
            candidate=tuple(row[0] for row in rows),
            generator=tuple(row[1] for row in rows),
            step=np.array([row[2] for row in rows], dtype=np.int64),
            base_energy=np.array([row[3] for row in rows], dtype=float),
            features=features.reshape(len(rows), -1) if rows else np.empty((0, 0)),
            scores={row[0]: NewestScore(*row[5:]) for row in rows if row[5] is not None},
        )

    def scores_since(self, seq: int) -> dict[str, NewestScore]:
        """Newest scores, of the candidates whose newest was written under event `seq` or a later one."""
        rows = self._read(
            "SELECT candidate, model_id, energy, energy_std FROM scores s WHERE seq >= ? "
            "AND model_id = (SELECT max(model_id) FROM scores WHERE candidate = s.candidate)",
            (seq,),
        )
        return {candidate: NewestScore(*values) for candidate, *values in rows}

    def last_step(self, generator: str) -> StoredStep | None:
        """Return where a search stands."""
        rows = self._read(
            "SELECT step, state FROM steps WHERE generator = ? ORDER BY step DESC LIMIT 1", (generator,)
        )
        return StoredStep(generator, rows[0][0], json.loads(rows[0][1])) if rows else None

    def steps(self, generator: str, up_to: int, count: int) -> list[StoredStep]:
        """Return the last `count` steps of a chain up to step `up_to`, in their order."""
        rows = self._read(
            "SELECT step, state FROM steps WHERE generator = ? AND step <= ? ORDER BY step DESC LIMIT ?",
            (generator, up_to, count),
        )
        return [StoredStep(generator, step, json.loads(state)) for step, state in reversed(rows)]

    def searched(self, before: int | None = None) -> list[SearchedSoFar]:
        """Return every chain of a search, by name; with `before`, as it stood when that event was written."""
        # states are long, and only the last of each chain is read: what is summed lies in an index of its
        # own, which the plus has SQLite take
        rows = self._read(
            f"SELECT generator, count(*), sum(seconds), sum({self._base_seconds}), max(step) "  # nosec B608
            "FROM steps WHERE +seq < ? GROUP BY 1 ORDER BY 1",
            (before if before is not None else 2**62,),
        )
        return [
            SearchedSoFar(chain, steps, seconds, base, json.loads(self._state(chain, last)))
            for chain, steps, seconds, base, last in rows
        ]

    def _state(self, chain: str, step: int) -> str:
        rows = self._read("SELECT state FROM steps WHERE generator = ? AND step = ?", (chain, step))
        return str(rows[0][0])

    def chains(self) -> dict[str, int]:
        """The last step that each chain of a search took, by name."""
        # one step down the index for each chain; to group them would read all
        rows = self._read(
            "WITH RECURSIVE chains(name) AS (SELECT min(generator) FROM steps UNION ALL "
            "SELECT (SELECT min(generator) FROM steps WHERE generator > name) FROM chains "
            "WHERE name IS NOT NULL) "
            "SELECT name, (SELECT max(step) FROM steps WHERE generator = name) FROM chains "
            "WHERE name IS NOT NULL"
        )
        return dict(rows)

    def count_steps(self, since: int) -> dict[str, int]:
        """Return how many steps each chain has taken at or after event `since`."""
        return dict(
            self._read("SELECT generator, count(*) FROM steps WHERE seq >= ? GROUP BY generator", (since,))
        )

    def explorations(self, before: int | None = None) -> tuple[Exploration, ...]:
        """What molecular dynamics met in each model in turn; `before` as in `searched`.

        Chains of steps that ran side by side are taken together.
        """
        # with max(), SQLite takes the state from the row that has it; counts in it are those of the chain
        rows = self._read(
            "SELECT generator, model_id, json_array_length(state, '$.test'), "
            "json_extract(state, '$.statistics'), json_extract(state, '$.judged'), "
            "json_extract(state, '$.accepted'), json_extract(state, '$.rewinds'), max(step) "
            "FROM steps WHERE generator LIKE 'md/%' AND seq < ? GROUP BY 1, 2 ORDER BY 1, max(step)",
            (before if before is not None else 2**62,),
        )
        return explorations([row[:-1] for row in rows])

    def quiet(self, model_id: str, since: int) -> dict[str, int]:
        """Frames that each chain of molecular dynamics judged with this model since it last proposed one.

        Only of steps taken at or after event `since`; chains without such a step are left out.
        """
        # the states hold the count of their whole chain, and are long: two of each chain are read
        rows = self._read(
            "WITH mine AS (SELECT generator, min(step) - 1 AS before, max(step) AS newest FROM steps "
            "WHERE generator LIKE 'md/%' AND model_id = ? AND seq >= ? GROUP BY 1), "
            "found AS (SELECT generator, max(step) AS step FROM proposals WHERE model_id = ? GROUP BY 1) "
            "SELECT mine.generator, ifnull(json_extract(n.state, '$.judged'), 0) "
            "- ifnull(json_extract(b.state, '$.judged'), 0) FROM mine "
            "LEFT JOIN found ON found.generator = mine.generator "
            "JOIN steps n ON n.generator = mine.generator AND n.step = mine.newest "
            "LEFT JOIN steps b ON b.generator = mine.generator "
            "AND b.step = max(mine.before, ifnull(found.step, -1))",
            (model_id, since, model_id),
        )
        return dict(rows)


def _atoms(row: Any) -> Atoms:
    structure: Atoms = row.toatoms()
    structure.info |= {key: row.data[key] for key in KEPT if key in row.data}
    return structure


def _kind(data: bytes) -> str | None:
    """The kind in what ASE keeps beside a structure."""
    from ase.db.core import bytes_to_object  # with what ASE's databases import, as below

    said = bytes_to_object(data) if data else {}
    return said.get("kind") if isinstance(said, dict) else None
