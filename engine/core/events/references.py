"""Reference calculations: what is paid for, and what came of it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, field_validator

from engine.core.events.fact import Auth, Fact


class ReferenceChange(Fact):
    """What one candidate's reference is told beyond campaign.toml; limits in s and GB."""

    settings: dict[str, JsonValue] = Field(default_factory=dict)
    time_limit: Annotated[float, Field(gt=0)] | None = None
    memory_limit: Annotated[float, Field(gt=0)] | None = None
    cores: Annotated[int, Field(ge=1)] | None = None

    @field_validator("settings")
    @classmethod
    def _plain(cls, settings: dict[str, JsonValue]) -> dict[str, JsonValue]:
        json.dumps(settings, allow_nan=False)  # a log that holds NaN does not replay
        return settings


class RetryApproved(Fact):
    """Money may be spent again on a candidate whose calculation failed, once `hold_s` seconds have passed."""

    kind: Literal["RetryApproved"] = "RetryApproved"
    candidate: str
    by: str
    auth: Auth
    change: ReferenceChange
    note: str = ""
    hold_s: float


class CancelRequested(Fact):
    """Its running calculation is to be ended; if that has finished by then, its label counts."""

    kind: Literal["CancelRequested"] = "CancelRequested"
    candidate: str
    attempt: int
    by: str
    auth: Auth
    note: str = ""


class ReferenceSubmitted(Fact):
    """A reference calculation may start from now on; written before anything starts."""

    kind: Literal["ReferenceSubmitted"] = "ReferenceSubmitted"
    candidate: str
    attempt: int
    folder: str
    cores: int = 1


class ReferenceCompleted(Fact):
    """The label, and what it was calculated with."""

    kind: Literal["ReferenceCompleted"] = "ReferenceCompleted"
    candidate: str
    attempt: int
    energy_eV: float
    fmax: float
    seconds: float
    cores: int
    code: str = ""
    version: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    change: ReferenceChange | None = None


FailureKind = Literal[
    "not-converged",
    "crashed",
    "timeout",
    "memory",
    "not-finite",
    "absurd",
    "setup",
    "lost",
    "cancelled",
]
"""Why a calculation gave no label."""


class ReferenceFailed(Fact):
    """No label came of it: the kind of failure, its words and the last lines of its log, and what it cost."""

    kind: Literal["ReferenceFailed"] = "ReferenceFailed"
    candidate: str
    attempt: int
    failure: FailureKind
    log: str
    seconds: float = 0.0
    cores: int = 1
