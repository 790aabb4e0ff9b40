"""What a person, a policy, money or a model did: the only history there is.

Events are frozen, past tense and plain JSON. `Recorded` is the envelope the log keeps them in. A kind or a
field that this version does not know is an error, never skipped.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from engine.core.events.candidates import (
    CandidateFlagged,
    CandidateFollowed,
    CandidateSelected,
    ControlDrawn,
    SelectedFlag,
)
from engine.core.events.decisions import (
    CandidateApproved,
    CandidateDeferred,
    CandidateEdited,
    CandidateVetoed,
    DecisionUndone,
    EditAsked,
    HoldEnded,
    Move,
    Shown,
    Until,
    VetoRuleAdopted,
    VetoRuleDropped,
)
from engine.core.events.fact import Auth, Fact
from engine.core.events.models import Exploration, ImportedReference, LabelsImported, ModelRefitted
from engine.core.events.references import (
    CancelRequested,
    FailureKind,
    ReferenceChange,
    ReferenceCompleted,
    ReferenceFailed,
    ReferenceSubmitted,
    RetryApproved,
)
from engine.core.events.run import (
    BudgetChanged,
    CampaignStarted,
    CommandRefused,
    Rules,
    RunControlled,
    SettingsChanged,
)

__all__ = [
    "SCHEMA",
    "Auth",
    "BudgetChanged",
    "CampaignStarted",
    "CancelRequested",
    "CandidateApproved",
    "CandidateDeferred",
    "CandidateEdited",
    "CandidateFlagged",
    "CandidateFollowed",
    "CandidateSelected",
    "CandidateVetoed",
    "CommandRefused",
    "ControlDrawn",
    "DecisionUndone",
    "EditAsked",
    "Event",
    "Exploration",
    "Fact",
    "FailureKind",
    "HoldEnded",
    "ImportedReference",
    "LabelsImported",
    "ModelRefitted",
    "Move",
    "Recorded",
    "ReferenceChange",
    "ReferenceCompleted",
    "ReferenceFailed",
    "ReferenceSubmitted",
    "RetryApproved",
    "Rules",
    "RunControlled",
    "SelectedFlag",
    "SettingsChanged",
    "Shown",
    "Until",
    "VetoRuleAdopted",
    "VetoRuleDropped",
    "decode",
    "encode",
]

SCHEMA = 1
"""Version of the events below, stored with each; raised when a field changes its meaning.

A new kind, or a new field with a default that says what older logs meant, does not raise it.
"""

Event = (
    CampaignStarted
    | SettingsChanged
    | RunControlled
    | CandidateSelected
    | CandidateFollowed
    | ControlDrawn
    | CandidateFlagged
    | CandidateApproved
    | CandidateVetoed
    | CandidateDeferred
    | DecisionUndone
    | HoldEnded
    | EditAsked
    | CandidateEdited
    | VetoRuleAdopted
    | VetoRuleDropped
    | RetryApproved
    | CancelRequested
    | CommandRefused
    | ReferenceSubmitted
    | ReferenceCompleted
    | ReferenceFailed
    | LabelsImported
    | ModelRefitted
    | BudgetChanged
)

_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])


class Recorded(Fact):
    """An event as the log keeps it: `time` in seconds since 1970, `seq` counted from 1 without gaps."""

    seq: int
    time: float
    schema_version: int = SCHEMA
    command_id: str | None = None
    event: Annotated[Event, Field(discriminator="kind")]


def encode(event: Event) -> str:
    """Plain JSON of an event."""
    return event.model_dump_json()


def decode(text: str) -> Event:
    """Inverse of `encode`; raises pydantic's `ValidationError` on an unknown kind or field."""
    return _EVENT.validate_json(text)
