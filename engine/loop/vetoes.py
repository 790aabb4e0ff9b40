"""What people's vetoes teach: rules that they suggest, and how likely a waiting candidate is to be vetoed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.core import Candidate, VetoRule
from engine.core.verdicts import Verdicts


@dataclass(frozen=True)
class Suggestion:
    """A rule that vetoes have in common, tried on what was decided and on what waits.

    Attributes
    ----------
    rule : not switched on
    caught : vetoed candidates that it flags
    stopped : approved ones that it would have flagged
    waiting : candidates of the queue that it flags
    n_vetoed, n_kept : decided candidates, as far back as is learnt from
    precision : lower 95 % bound of the part of vetoes in what it flags
    p : how often vetoes at random would have anything as telling in common
    """

    rule: VetoRule
    caught: tuple[Candidate, ...]
    stopped: tuple[Candidate, ...]
    waiting: tuple[str, ...]
    n_vetoed: int
    n_kept: int
    precision: float
    p: float

    @property
    def words(self) -> str:
        """In one sentence."""
        n = len(self.caught) + len(self.stopped)
        return f"{len(self.caught)} of {n} decided candidates with {self.rule.words} were vetoed."

    @property
    def preview(self) -> str:
        """What it would have done to what was decided, and does to what waits."""
        return (
            f"It flags {len(self.caught)} of {self.n_vetoed} vetoed candidates, {len(self.stopped)} of "
            f"{self.n_kept} approved ones and {len(self.waiting)} that wait."
        )


@dataclass(frozen=True)
class Likely:
    """What the nearest decided ones say of a waiting candidate.

    Attributes
    ----------
    probability : of a veto
    vetoed : how many of the `nearest` were
    nearest : candidates, nearest first
    reason : the commonest of those vetoes; empty without one
    """

    probability: float
    vetoed: int
    nearest: tuple[str, ...]
    reason: str

    @property
    def words(self) -> str:
        """In one line."""
        because = f": {self.reason}" if self.reason and self.vetoed else ""
        return f"{self.vetoed} of the {len(self.nearest)} nearest decided ones were vetoed{because}"


@dataclass(frozen=True)
class Lessons:
    """What vetoes teach.

    Attributes
    ----------
    suggestions : best first
    likely : by waiting candidate; empty while too little is decided, or what is decided follows nothing
    skill : how well that was told of the decided ones, in words; empty with `likely`
    """

    suggestions: tuple[Suggestion, ...] = ()
    likely: Mapping[str, Likely] = field(default_factory=dict)
    skill: str = ""


def learn(folder: Path, said: Verdicts, veto_rules: Sequence[VetoRule] = ()) -> Lessons:
    """Learn from what people decided; called in a worker.

    Parameters
    ----------
    folder : the campaign's
    said : what was decided, and what waits
    veto_rules : that are switched on already

    Raises
    ------
    DeltadeskError
        if the database cannot be used
    """
    from engine.loop import learning_vetoes  # with scikit-learn, for which no page waits

    return learning_vetoes.learn(folder, said, veto_rules)
