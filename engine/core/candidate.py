"""One candidate's life as the events tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from immutables import Map

from engine.core.events import Auth, FailureKind, ReferenceChange, SelectedFlag, Until


class Status(StrEnum):
    """Where a candidate stands."""

    WAITING = "waiting"
    DEFERRED = "deferred"
    APPROVED = "approved"
    VETOED = "vetoed"
    SUBMITTED = "submitted"
    LABELLED = "labelled"
    FAILED = "failed"


NOT_A_PERSON = ("policy", "engine")
"""How the name was proven of who decides in nobody's place."""

UNDECIDED = frozenset({Status.WAITING, Status.DEFERRED})

NOT_THE_STRUCTURES = ("setup", "lost", "cancelled")
"""Failures that say nothing about the structure that was to be calculated."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what, when; `hold_s` seconds later an approval may be spent."""

    by: str
    auth: Auth
    time: float
    reason: str = ""
    note: str = ""
    hold_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Failure:
    """A calculation that gave no label: why, its last words, and what it cost (s, cores)."""

    attempt: int
    kind: FailureKind
    log: str
    time: float
    seconds: float
    cores: int
    change: ReferenceChange | None


class Candidate(NamedTuple):
    """A proposal that was selected, and what became of it.

    Energies in eV, forces in eV/Å, times in seconds since 1970. `energy_eV` and `energy_std_eV` are those
    of the surrogate `model_id` at selection; `label_eV` is the reference's.
    """

    id: str
    status: Status
    rank: int
    sentence: bytes
    """Why it was selected, UTF-8: one Greek letter in a str makes every letter two bytes."""
    generator: str
    model_id: str
    energy_eV: float
    energy_std_eV: float | None
    term_names: tuple[str, ...]
    term_values: tuple[float, ...]
    """Parts of its utility by that model (eV)."""
    flags: tuple[SelectedFlag, ...]
    selected_time: float
    order: int
    """Place in the queue: the seq that put it there; deferring moves it to the end."""
    points: int = 1
    """Reference calculations that its card asks for."""
    granted: int = 0
    """Of them, those that its approval pays for and that no other candidate has taken over."""
    leader: str = ""
    """The labelled candidate that it follows from, whose approval is its own."""
    control_of: str = ""
    """The vetoed candidate that it stands for in the control sample, which has its own budget."""
    parent: str = ""
    """The candidate that a person made it of, by moving atoms."""
    until: Until = ""
    """When it waits again, if it is deferred."""
    decision: Decision | None = None
    change: ReferenceChange | None = None
    """What the next or the running attempt is told beyond campaign.toml."""
    attempt: int = 0
    submitted_time: float | None = None
    submitted_seq: int = 0
    """Its place among those submitted, which it keeps where a start was lost and is repeated."""
    folder: str = ""
    cancel: Decision | None = None
    """Who wants the running attempt to end."""
    lost: int = 0
    """Starts that vanished with their machine and were repeated."""
    label_eV: float | None = None
    fmax: float | None = None
    seconds: float = 0.0
    cores: int = 1
    """Of the last attempt, as `seconds`."""
    code: str = ""
    version: str = ""
    reference_settings: Mapping[str, Any] = Map()
    """What the label was calculated with."""
    failures: tuple[Failure, ...] = ()

    @property
    def why(self) -> str:
        """Why it was selected, for a person."""
        return self.sentence.decode()

    @property
    def terms(self) -> tuple[tuple[str, float], ...]:
        """Parts of its utility by name."""
        return tuple(zip(self.term_names, self.term_values, strict=True))

    @property
    def owed(self) -> int:
        """Reference calculations that are approved and not yet sent: its own, and those that follow it."""
        if self.status is Status.APPROVED:
            return self.granted
        sent = self.status in (Status.SUBMITTED, Status.LABELLED)
        return max(self.granted - 1, 0) if sent else 0

    @property
    def failure(self) -> Failure | None:
        """The last failure, unless a label has come since."""
        return self.failures[-1] if self.failures and self.status is not Status.LABELLED else None

    @property
    def calculations(self) -> int:
        """Reference calculations that were asked for; a lost start that was repeated is one."""
        return self.attempt - self.lost

    @property
    def n_failed(self) -> int:
        """Failures that the structure itself may have caused."""
        return sum(failure.kind not in NOT_THE_STRUCTURES for failure in self.failures)
