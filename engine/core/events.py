"""What a person, a policy, money or a model did: the only history there is.

Events are frozen, past tense and plain JSON. `Recorded` is the envelope the log keeps them in. A kind or a
field that this version does not know is an error, never skipped.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, TypeAdapter, field_validator

SCHEMA = 1
"""Version of the events below, stored with each; raised when a field changes its meaning.

A new kind, or a new field with a default that says what older logs meant, does not raise it.
"""

Auth = Literal["local", "password", "shared", "oauth", "policy", "engine"]
"""How a name was proven: `local` is whoever sits at this machine, `shared` whoever knew the one password of
all, under a name that nothing proves; `policy` is a rule and `engine` the loop itself, neither a person."""


class Fact(BaseModel):
    """Base of all events: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Rules(Fact):
    """The settings that decisions, budgets and refits follow (see campaign.toml for their meaning)."""

    budget: int
    pace: Literal["live", "lockstep"]
    policy: str
    hold: float
    batch: int
    queue: int
    pool: int
    cold_start: int
    refit_every: int
    parallel: int
    attempts: int
    pause_after: int = 3
    quarantine_after: int = 1
    stop_error: float = 0.0
    stop_entropy: float = 0.0
    stop_cycles: int = 2
    stop_acceptance: float = 0.0
    control: float = 0.0
    control_budget: int = 0


class CampaignStarted(Fact):
    """The first event: everything campaign.toml said."""

    kind: Literal["CampaignStarted"] = "CampaignStarted"
    name: str
    seed: int
    rules: Rules
    settings: dict[str, Any]


class SettingsChanged(Fact):
    """campaign.toml was edited between two runs."""

    kind: Literal["SettingsChanged"] = "SettingsChanged"
    rules: Rules
    settings: dict[str, Any]
    changed: tuple[str, ...]


class RunControlled(Fact):
    """The run was started, held or ended, by a person, a budget or an error."""

    kind: Literal["RunControlled"] = "RunControlled"
    action: Literal["start", "pause", "resume", "stop", "crash", "finish"]
    by: str
    auth: Auth
    reason: str = ""


class SelectedFlag(Fact):
    """A check that a selected candidate failed."""

    check: str
    reason: str


class CandidateSelected(Fact):
    """A proposal was put before the person: rank in its batch, reason, and the numbers behind it.

    `points`: reference calculations that its card asks for; more than 1 is a bundle, others follow its label.
    """

    kind: Literal["CandidateSelected"] = "CandidateSelected"
    candidate: str
    rank: int
    reason: str
    generator: str
    model_id: str
    energy_eV: float
    energy_std_eV: float | None
    terms: dict[str, float]
    flags: tuple[SelectedFlag, ...] = ()
    points: int = 1


class CandidateFollowed(Fact):
    """What follows from a label was added to its bundle: the approval of `leader` pays for `candidate`.

    No candidate: nothing follows, for this reason, and the rest of the bundle is not paid for.
    """

    kind: Literal["CandidateFollowed"] = "CandidateFollowed"
    leader: str
    candidate: str | None
    reason: str
    generator: str
    model_id: str
    energy_eV: float | None = None
    energy_std_eV: float | None = None


class ControlDrawn(Fact):
    """`vetoed`, which a person turned down, is asked about once more as `candidate`: a control sample.

    Its calculation, if it is approved, is paid for by the control budget, and tells what the veto saved.
    """

    kind: Literal["ControlDrawn"] = "ControlDrawn"
    vetoed: str
    candidate: str
    reason: str


class CandidateFlagged(Fact):
    """A warning that came after it was selected."""

    kind: Literal["CandidateFlagged"] = "CandidateFlagged"
    candidate: str
    flags: tuple[SelectedFlag, ...]


Short = Annotated[str, StringConstraints(max_length=300)]
Sentence = Annotated[str, StringConstraints(max_length=1500)]


class Shown(Fact):
    """What the page said of a candidate when a person decided about it; energies in eV, a few kB at most.

    `terms`: the bars. `checks`: the flags, in words. `nearest`: the labelled candidate whose descriptor lies
    nearest, |x − x'| / |x| = `nearest_distance` away. `cost`: the estimate, in words.
    """

    sentence: Sentence
    model_id: Short
    energy_eV: float
    energy_std_eV: float | None = None
    terms: Annotated[dict[Short, float], Field(max_length=20)] = Field(default_factory=dict)
    checks: Annotated[tuple[Short, ...], Field(max_length=10)] = ()
    nearest: Short = ""
    nearest_distance: float | None = None
    cost: Short = ""


class CandidateApproved(Fact):
    """Money may be spent on it, once `hold_s` seconds have passed: for `points` reference calculations."""

    kind: Literal["CandidateApproved"] = "CandidateApproved"
    candidate: str
    by: str
    auth: Auth
    reason: str = ""
    note: str = ""
    hold_s: float
    overruled: tuple[str, ...] = ()
    points: int = 1
    shown: Shown | None = None


class CandidateVetoed(Fact):
    """No money is spent on it."""

    kind: Literal["CandidateVetoed"] = "CandidateVetoed"
    candidate: str
    by: str
    auth: Auth
    reason: str
    note: str = ""
    shown: Shown | None = None


Until = Literal["", "next batch", "next fit"]
"""When a deferred candidate waits again by itself; "" leaves it at the end of the queue."""


class CandidateDeferred(Fact):
    """Asked again later: it goes to the end of the queue, and waits again at `until`."""

    kind: Literal["CandidateDeferred"] = "CandidateDeferred"
    candidate: str
    by: str
    auth: Auth
    note: str = ""
    until: Until = ""
    shown: Shown | None = None


class DecisionUndone(Fact):
    """The last decision about it was taken back; it waits again."""

    kind: Literal["DecisionUndone"] = "DecisionUndone"
    candidate: str
    by: str
    auth: Auth


class HoldEnded(Fact):
    """An approval is not held any longer: what it pays for may start at once."""

    kind: Literal["HoldEnded"] = "HoldEnded"
    candidate: str
    by: str
    auth: Auth


class VetoRuleAdopted(Fact):
    """From now on a candidate whose `trait` lies `side` of `limit` is flagged; `reason`: as it was shown."""

    kind: Literal["VetoRuleAdopted"] = "VetoRuleAdopted"
    trait: str
    side: Literal["below", "above"]
    limit: float
    by: str
    auth: Auth
    reason: str = ""


class VetoRuleDropped(Fact):
    """The rule of this name flags nothing more; what it has flagged stays so."""

    kind: Literal["VetoRuleDropped"] = "VetoRuleDropped"
    rule: str
    by: str
    auth: Auth


Move = tuple[Annotated[int, Field(ge=0)], float, float, float]
"""Index of an atom, and where it is put (Å)."""


class EditAsked(Fact):
    """A person moved atoms of `parent`; that is relaxed for `steps` steps and becomes another candidate."""

    kind: Literal["EditAsked"] = "EditAsked"
    edit: str
    parent: str
    moves: tuple[Move, ...]
    steps: int
    by: str
    auth: Auth
    note: str = ""


class CandidateEdited(Fact):
    """What came of an edit: `candidate` waits to be decided. Without one: nothing did, for this reason."""

    kind: Literal["CandidateEdited"] = "CandidateEdited"
    edit: str
    parent: str
    candidate: str | None
    reason: str
    model_id: str
    energy_eV: float | None = None
    energy_std_eV: float | None = None
    flags: tuple[SelectedFlag, ...] = ()


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


class CommandRefused(Fact):
    """A wish that could not be granted, with the reason its author is told."""

    kind: Literal["CommandRefused"] = "CommandRefused"
    command: str
    candidate: str | None = None
    by: str
    auth: Auth
    reason: str


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


class ImportedReference(Fact):
    """What `count` imported labels were calculated with: plain JSON `settings`; "" where nobody says."""

    code: str
    version: str
    settings: str
    count: int


class LabelsImported(Fact):
    """Labels from outside were copied into the campaign, before its first fit; they cost nothing here.

    `same_reference`: whether all were calculated with this campaign's code, version and settings; otherwise
    campaign.toml asked for the mixture in so many words.
    """

    kind: Literal["LabelsImported"] = "LabelsImported"
    source: str
    count: int
    same_reference: bool
    references: tuple[ImportedReference, ...]


class Exploration(Fact):
    """What molecular dynamics met while one model searched.

    `energy` (eV/atom) and `uncertainty` (in the unit of its kind; None without one): mean and standard
    deviation over the `test_frames`, in this model. `expected`: mean and standard deviation over them of the
    probability P_U · P_E with which a frame is accepted; `accepted` of the frames `judged` were. `rewinds`:
    how often a trajectory exploded and went back.
    """

    model_id: str
    test_frames: int
    energy: tuple[float, float]
    uncertainty: tuple[float, float] | None
    expected: tuple[float, float]
    judged: int
    accepted: int
    rewinds: int

    @property
    def acceptance(self) -> float:
        """Part of the frames that were accepted."""
        return self.accepted / self.judged


class ModelRefitted(Fact):
    """A new Δ-model was fitted, and took over unless it was worse on labels that neither model had seen.

    `n_train`: labels of this campaign it was fitted to; `n_imported`: those from outside, fitted to as well.
    `mae_new_eV`: mean absolute error per structure of the model before on labels it had not seen; of the bare
    potential, whose zero of energy is its own, after the best shift of each species. `mae_held_out_eV`: on
    the same labels, each by a fit without it (None where there are none). `mae_train_eV`: of the new model on
    its own training set. `std_scale`: measured factor in its standard deviations. `accepted`: false if it was
    worse on the new labels, and the model before stays. `mae_held_out_atom_eV`: as `mae_held_out_eV`, each
    structure's error divided by its atoms. Entropies: Gaussian, bias-corrected, over the fixed
    probe set (None until that is full). `exploration`: what molecular dynamics met in the model before (None
    where there was none).
    """

    kind: Literal["ModelRefitted"] = "ModelRefitted"
    model_id: str
    n_train: int
    mae_new_eV: float
    mae_train_eV: float
    queue_std_eV: float | None = None
    probe_entropy: float | None = None
    probe_entropy_p95: float | None = None
    probe_entropy_error: float | None = None
    seconds: float
    mae_held_out_eV: float | None = None
    std_scale: float = 1.0
    accepted: bool = True
    n_imported: int = 0
    mae_held_out_atom_eV: float | None = None
    exploration: Exploration | None = None


class BudgetChanged(Fact):
    """The number of reference calculations that may be spent."""

    kind: Literal["BudgetChanged"] = "BudgetChanged"
    budget: int
    by: str
    auth: Auth


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
