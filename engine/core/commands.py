"""What someone wishes: imperative, frozen, plain JSON. Only `decide` turns a wish into events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from engine.core.events import Auth, Fact, Move, ReferenceChange, Shown, Until

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Note = Annotated[str, StringConstraints(max_length=2000)]

VetoReason = Literal[
    "atoms too close",
    "fragmented or evaporated",
    "duplicate",
    "chemically implausible",
    "too expensive",
    "other",
]

MOST_STEPS = 1000
"""Of the relaxation after an edit."""


class Command(Fact):
    """Base of all commands: whose wish it is, and how the name was proven."""

    by: Name
    auth: Auth


class ApproveCandidate(Command):
    """Spend a reference calculation on it."""

    kind: Literal["ApproveCandidate"] = "ApproveCandidate"
    candidate: str
    reason: Note = ""
    note: Note = ""
    shown: Shown | None = None


class VetoCandidate(Command):
    """Never spend one on it."""

    kind: Literal["VetoCandidate"] = "VetoCandidate"
    candidate: str
    reason: Note = "other"
    note: Note = ""
    shown: Shown | None = None


class DeferCandidate(Command):
    """Ask again later."""

    kind: Literal["DeferCandidate"] = "DeferCandidate"
    candidate: str
    note: Note = ""
    until: Until = ""
    shown: Shown | None = None


class UndoDecision(Command):
    """Take the last decision about it back."""

    kind: Literal["UndoDecision"] = "UndoDecision"
    candidate: str


class SendNow(Command):
    """Do not hold its approval any longer: calculate it now."""

    kind: Literal["SendNow"] = "SendNow"
    candidate: str


class EditCandidate(Command):
    """Put some of its atoms elsewhere, relax that for `steps` steps, and ask about what comes of it."""

    kind: Literal["EditCandidate"] = "EditCandidate"
    candidate: str
    moves: Annotated[tuple[Move, ...], Field(max_length=1000)] = ()
    steps: Annotated[int, Field(ge=0, le=MOST_STEPS)] = 20
    note: Note = ""


class AdoptVetoRule(Command):
    """Flag candidates whose `trait` lies `side` of `limit` from now on; `reason` says what was shown."""

    kind: Literal["AdoptVetoRule"] = "AdoptVetoRule"
    trait: Name
    side: Literal["below", "above"]
    limit: float
    reason: Note = ""


class DropVetoRule(Command):
    """Switch the rule of this name off."""

    kind: Literal["DropVetoRule"] = "DropVetoRule"
    rule: Note


class RetryReference(Command):
    """Calculate a candidate again whose calculation failed, with other settings if `change` names any."""

    kind: Literal["RetryReference"] = "RetryReference"
    candidate: str
    change: ReferenceChange = ReferenceChange()
    note: Note = ""


class CancelReference(Command):
    """End a candidate's running calculation, and pay only for what it has cost."""

    kind: Literal["CancelReference"] = "CancelReference"
    candidate: str
    note: Note = ""


class ControlRun(Command):
    """Start, hold, go on or end."""

    kind: Literal["ControlRun"] = "ControlRun"
    action: Literal["start", "pause", "resume", "stop"]


class ChangeBudget(Command):
    """Allow more or fewer reference calculations."""

    kind: Literal["ChangeBudget"] = "ChangeBudget"
    budget: Annotated[int, Field(ge=1)]


AnyCommand = (
    ApproveCandidate
    | VetoCandidate
    | DeferCandidate
    | UndoDecision
    | SendNow
    | EditCandidate
    | AdoptVetoRule
    | DropVetoRule
    | RetryReference
    | CancelReference
    | ControlRun
    | ChangeBudget
)

_COMMAND: TypeAdapter[AnyCommand] = TypeAdapter(Annotated[AnyCommand, Field(discriminator="kind")])


def encode(command: AnyCommand) -> str:
    """Plain JSON of a command."""
    return command.model_dump_json()


def decode(text: str) -> AnyCommand:
    """Inverse of `encode`; raises pydantic's `ValidationError` on anything it does not know."""
    return _COMMAND.validate_json(text)
