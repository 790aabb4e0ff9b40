"""What is known of a campaign after an event; `engine.core.folding` makes one from the one before."""

from __future__ import annotations

from functools import cached_property
from statistics import median
from typing import Literal, NamedTuple

from immutables import Map

from engine.core import events as ev
from engine.core.candidate import UNDECIDED, Candidate, Status
from engine.core.candidates import Candidates
from engine.core.veto_rules import VetoRule

BARE_MODEL = "m-0000"
"""The universal potential alone, before any Δ-model."""

RunState = Literal["idle", "running", "paused", "stopped", "finished", "failed"]


class _Known(NamedTuple):
    seq: int = 0
    time: float = 0.0
    """Of event `seq`, s since 1970."""
    name: str = ""
    seed: int = 0
    rules: ev.Rules | None = None
    settings: Map[str, object] = Map()
    settings_seq: int = 0
    """The event that the settings stand in."""
    state: RunState = "idle"
    state_reason: str = ""
    started_time: float | None = None
    run_seq: int = 0
    """The event that last made it run."""
    models_before_run: int = 0
    """Fits that were made before that."""
    failed_in_row: int = 0
    """Calculations that failed since it last ran on or gave a label; cancelled ones do not count."""
    tripped: bool = False
    """Whether it paused itself after too many of them."""
    decided_time: float = 0.0
    """When anybody, or a policy, last decided about a candidate."""
    candidates: Candidates = Candidates()
    labels: tuple[str, ...] = ()
    """Labelled candidates in the order their results entered."""
    lowest: str = ""
    """The one of lowest energy."""
    imports: tuple[ev.LabelsImported, ...] = ()
    """Labels from outside, a source each."""
    edits: tuple[ev.EditAsked, ...] = ()
    """Edits of which nothing has come yet, in the order they were asked for."""
    n_edits: int = 0
    """How many there ever were."""
    set_aside: tuple[str, ...] = ()
    """Candidates that were deferred until something comes, in that order; some may be decided since."""
    veto_rules: tuple[VetoRule, ...] = ()
    """Rules that vetoes taught and that are switched on, oldest first."""
    models: tuple[ev.ModelRefitted, ...] = ()
    """Every fit, also those that were worse than the model before and not accepted."""


class Campaign(_Known):
    """A snapshot: what is known after event `seq`.

    A named tuple below, since each event makes a new one or two; what is worked out from it is kept with it.
    """

    def with_status(self, *status: Status) -> list[Candidate]:
        """Candidates in one of these states, in queue order."""
        return self.candidates.with_status(*status)

    @cached_property
    def waiting(self) -> list[Candidate]:
        """Candidates that a person has not decided, in queue order."""
        return self.with_status(*UNDECIDED)

    @property
    def model(self) -> ev.ModelRefitted | None:
        """The last fit that was accepted."""
        return next((model for model in reversed(self.models) if model.accepted), None)

    @property
    def model_id(self) -> str:
        """The model that searches now."""
        return self.model.model_id if self.model else BARE_MODEL

    @property
    def n_fitted(self) -> int:
        """Labels the present model was fitted to."""
        return self.model.n_train if self.model else 0

    @property
    def n_tried(self) -> int:
        """Labels of the last fit, accepted or not."""
        return self.models[-1].n_train if self.models else 0

    @property
    def n_imported(self) -> int:
        """Labels from outside."""
        return sum(source.count for source in self.imports)

    @property
    def spent(self) -> int:
        """Reference calculations spent: submitted ones count, whatever comes of them.

        Those of the control sample have a budget of their own, here and in `approved`.
        """
        return self.candidates.tally.spent

    @property
    def approved(self) -> int:
        """Reference calculations that are approved and not yet sent."""
        return self.candidates.tally.owed

    @property
    def left(self) -> int:
        """Reference calculations that may still be approved."""
        return 0 if self.rules is None else max(0, self.rules.budget - self.spent - self.approved)

    def left_for(self, candidate: Candidate) -> int:
        """Of the budget that pays for this candidate."""
        if not candidate.control_of:
            return self.left
        return 0 if self.rules is None else max(0, self.rules.control_budget - self.candidates.tally.control)

    @cached_property
    def core_seconds_each(self) -> float | None:
        """Median cost of a label (s × cores); None before the first."""
        paid = [self.candidates[name] for name in self.labels]
        return median(one.seconds * one.cores for one in paid) if paid else None

    @property
    def best(self) -> Candidate | None:
        """The labelled candidate of lowest energy."""
        return self.candidates[self.lowest] if self.lowest else None

    @property
    def quarantined(self) -> list[Candidate]:
        """Candidates that failed so often that no policy tries them again, nor what is like them."""
        limit = 0 if self.rules is None else self.rules.quarantine_after
        tried = sorted(self.candidates.that_failed, key=lambda c: c.id)
        return [c for c in tried if c.n_failed >= limit and c.status is not Status.LABELLED]
