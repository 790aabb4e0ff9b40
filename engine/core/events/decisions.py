"""What a person or a policy decided, and what was shown then."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from engine.core.events.candidates import SelectedFlag
from engine.core.events.fact import Auth, Fact

Tag = Annotated[str, StringConstraints(max_length=60)]
Short = Annotated[str, StringConstraints(max_length=300)]
Sentence = Annotated[str, StringConstraints(max_length=1500)]


class Shown(Fact):
    """What the page said of a candidate when a person decided about it; energies in eV, a few kB at most.

    `terms`: the bars. `checks`: the flags, in words. `nearest`: the labelled candidate whose descriptor lies
    nearest, |x − x'| / |x| = `nearest_distance` away. `cost` and `gain`: the estimates, in words. `ranks`: by
    all terms and without each, from 1, of `among` cards. `warning`: why a veto is likely, if that was said.
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
    gain: Short = ""
    ranks: Annotated[dict[Tag, int], Field(max_length=21)] = Field(default_factory=dict)
    among: int = 0
    warning: Short = ""


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
