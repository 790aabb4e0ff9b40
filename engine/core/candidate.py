"""One candidate's life as the events tell it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.core.events import Auth, SelectedFlag


class Status(StrEnum):
    """Where a candidate stands."""

    WAITING = "waiting"
    DEFERRED = "deferred"
    APPROVED = "approved"
    VETOED = "vetoed"
    SUBMITTED = "submitted"
    LABELLED = "labelled"
    FAILED = "failed"


UNDECIDED = frozenset({Status.WAITING, Status.DEFERRED})


@dataclass(frozen=True)
class Decision:
    """Who decided what, when; `hold_s` seconds later an approval may be spent."""

    by: str
    auth: Auth
    time: float
    reason: str = ""
    note: str = ""
    hold_s: float = 0.0


@dataclass(frozen=True)
class Candidate:
    """A proposal that was selected, and what became of it.

    Energies in eV, forces in eV/Å, times in seconds since 1970. `energy_eV` and `energy_std_eV` are those
    of the surrogate `model_id` at selection; `label_eV` is the reference's.
    """

    id: str
    status: Status
    rank: int
    why: str
    generator: str
    model_id: str
    energy_eV: float
    energy_std_eV: float | None
    terms: tuple[tuple[str, float], ...]
    flags: tuple[SelectedFlag, ...]
    selected_time: float
    order: int
    """Place in the queue: the seq that put it there; deferring moves it to the end."""
    decision: Decision | None = None
    attempt: int = 0
    submitted_time: float | None = None
    folder: str = ""
    label_eV: float | None = None
    fmax: float | None = None
    seconds: float = 0.0
    cores: int = 1
    failure: str = ""
    log: str = ""
