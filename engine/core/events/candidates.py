"""Candidates: how one came before the person."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from engine.core.events.fact import Fact


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class SelectedFlag:
    """A check that a selected candidate failed.

    Candidates keep theirs while the campaign is open, and a pydantic model takes ten times the memory.
    """

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
