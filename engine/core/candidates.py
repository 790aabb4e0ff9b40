"""All candidates of a campaign, and beside them the groups and sums that are asked for often.

Persistent, as the campaign is. One of 10^5 candidates is asked several times after every event who waits, who
runs and what is spent; the answer must not read them all.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import NamedTuple

from immutables import Map

from engine.core.candidate import Candidate, Status

FAILED = "failed before"
CONTROL = "control sample"
OWING = "labelled, and another is to follow"


class Tally(NamedTuple):
    """Sums over candidates."""

    spent: int = 0
    """Reference calculations that were sent; those of the control sample are not here."""
    owed: int = 0
    """Approved and not yet sent; those of the control sample are not here."""
    control: int = 0
    """Sent or owed for the control sample."""

    def changed(self, before: Tally, after: Tally) -> Tally:
        """One candidate's part in place of what it was."""
        return Tally(
            self.spent + after.spent - before.spent,
            self.owed + after.owed - before.owed,
            self.control + after.control - before.control,
        )


class Candidates(Mapping[str, Candidate]):
    """Candidates by id; `put` gives a new collection and leaves this one as it is."""

    __slots__ = ("_all", "_groups", "tally")

    def __init__(
        self,
        everyone: Map[str, Candidate] | None = None,
        groups: Map[Hashable, Map[str, None]] | None = None,
        tally: Tally = Tally(),  # noqa: B008 - a tuple of numbers
    ) -> None:
        self._all = Map() if everyone is None else everyone
        self._groups = Map() if groups is None else groups
        self.tally = tally

    def __getitem__(self, name: str) -> Candidate:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def put(self, candidate: Candidate) -> Candidates:
        """With this one, in place of any of the same id."""
        before = self._all.get(candidate.id)
        old, new = _groups_of(before), _groups_of(candidate)
        groups = self._groups
        for left in old - new:
            groups = groups.set(left, groups[left].delete(candidate.id))
        for entered in new - old:
            groups = groups.set(entered, groups.get(entered, Map()).set(candidate.id, None))
        paid, pays = _tally_of(before), _tally_of(candidate)
        tally = self.tally if pays == paid else self.tally.changed(paid, pays)
        return Candidates(self._all.set(candidate.id, candidate), groups, tally)

    def with_status(self, *status: Status) -> list[Candidate]:
        """Those in one of these states, in queue order."""
        return self._sorted(*status)

    def chosen_with(self, model_id: str) -> list[Candidate]:
        """Those that were selected with a model, in queue order."""
        return self._sorted(("model", model_id))

    @property
    def that_failed(self) -> list[Candidate]:
        """Those of which a calculation failed, whatever came of them since, in queue order."""
        return self._sorted(FAILED)

    @property
    def controls(self) -> list[Candidate]:
        """Those of the control sample, in queue order."""
        return self._sorted(CONTROL)

    @property
    def that_owe(self) -> list[Candidate]:
        """Those that are labelled and whose approval pays for another that is to follow, in queue order."""
        return self._sorted(OWING)

    def count(self, status: Status) -> int:
        """How many are in a state."""
        return len(self._groups.get(status, ()))

    def count_chosen_with(self, model_id: str) -> int:
        """How many were selected with a model."""
        return len(self._groups.get(("model", model_id), ()))

    def _sorted(self, *groups: Hashable) -> list[Candidate]:
        found = [self._all[name] for group in groups for name in self._groups.get(group, ())]
        return sorted(found, key=lambda c: (c.order, c.rank))


def _groups_of(candidate: Candidate | None) -> set[Hashable]:
    if candidate is None:
        return set()
    groups: set[Hashable] = {candidate.status, ("model", candidate.model_id)}
    if candidate.failures:
        groups.add(FAILED)
    if candidate.control_of:
        groups.add(CONTROL)
    if candidate.status is Status.LABELLED and candidate.owed:
        groups.add(OWING)
    return groups


def _tally_of(candidate: Candidate | None) -> Tally:
    if candidate is None:
        return Tally()
    if candidate.control_of:
        return Tally(control=candidate.calculations + candidate.owed)
    return Tally(spent=candidate.calculations, owed=candidate.owed)
