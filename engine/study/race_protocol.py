"""What a race of selection rules asks, written down before it: pool, labels, model, rules, budget, target."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from engine.config import (
    DeltaSettings,
    ReferenceSettings,
    SelectionSettings,
    Settings,
    StrainSettings,
)
from engine.config.base import MOST, Count, FileName, PositiveFloat
from engine.config.committee import LEARNS, CommitteeSettings
from engine.study.protocol import look_up, read_settings

Metric = Literal["energy", "forces"]
Kind = Literal["volume", "small", "large", "random"]


class RacePool(Settings):
    """Structures that labels are chosen from: those of a file, or data sets of a crystal."""

    source: FileName | None = Field(
        None, description="file beside the protocol, in any format that ASE reads"
    )
    element: str = Field("Si", pattern=r"^[A-Z][a-z]?$", description="of the crystal, as ASE builds it")
    size: tuple[Count, Count, Count] = Field((1, 1, 1), description="cubic cells along the three edges")
    kinds: tuple[Kind, ...] = Field((), description="data sets of the crystal: volume, small, large, random")
    count: Count = Field(100, description="structures of each kind")
    strain: StrainSettings | None = Field(
        None, description="what the search strain offers of the crystal: strains, defects, surfaces"
    )
    seed: Annotated[int, Field(ge=0, lt=MOST)] = Field(0, description="of the distortions")

    @model_validator(mode="after")
    def _one_or_the_other(self) -> RacePool:
        if (self.source is None) == (not self.kinds and self.strain is None):
            raise ValueError('a pool is source = "FILE" or kinds = ["volume", …], and not both')
        return self


class RaceProtocol(Settings):
    """The whole of a protocol."""

    name: str = Field(min_length=1, max_length=80)
    rules: Annotated[tuple[str, ...], Field(min_length=2)] = Field(description="registered selection rules")
    baseline: str = Field("random", description="the rule that the others are compared with")
    seeds: Annotated[int, Field(ge=2, le=MOST)] = Field(5, description="repetitions of each rule")
    seed: Annotated[int, Field(ge=0, lt=MOST)] = Field(
        1, description="of the first repetition; then one more"
    )
    start: Count = Field(10, description="labels drawn at random, the same for all rules of a seed")
    batch: Count = Field(10, description="labels between two fits")
    budget: Count = Field(100, description="labels of a repetition, those of the start among them")
    held_out: Count = Field(100, description="structures of the pool that errors are measured on")
    metric: Metric = Field("energy", description="the error that the ledger looks at")
    target: PositiveFloat = Field(
        description="mean absolute error at which a campaign would stop (meV/atom, or meV/Å of a force)"
    )
    pool: RacePool
    reference: ReferenceSettings | None = Field(None, description="what labels are; left out: the file's own")
    committee: CommitteeSettings = CommitteeSettings(kind="networks")
    delta: DeltaSettings = Field(DeltaSettings(), description="descriptors of diversity, and of Δ-models")
    selection: SelectionSettings = Field(SelectionSettings(), description="what rules may be told")
    properties: bool = Field(
        False,
        description="follow the entropy of what is held out (target: selection.entropy_target) and bulk "
        "properties of the pool's element against the reference's own, too",
    )
    trend: bool = Field(
        False, description="count the labels to the right energy against volume of the pool's element, too"
    )

    @field_validator("rules")
    @classmethod
    def _once(cls, rules: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(rules)) < len(rules):
            raise ValueError(f"each rule is listed once, but these are listed: {', '.join(rules)}")
        return rules

    @model_validator(mode="after")
    def _fits(self) -> RaceProtocol:
        if self.baseline not in self.rules:
            raise ValueError(f"the baseline {self.baseline!r} is none of the rules")
        if self.start >= self.budget:
            raise ValueError(f"the budget of {self.budget} labels is spent by the {self.start} of the start")
        if self.committee.kind not in LEARNS:
            raise ValueError(
                'a race needs a committee that learns from labels: kind = "networks" or "bootstrap"'
            )
        if self.reference is None and self.pool.source is None:
            raise ValueError("the structures of generated kinds have no labels: name a reference")
        if self.properties and self.reference is None:
            raise ValueError("properties are compared with the reference's own: name a reference")
        if self.trend and self.reference is None:
            raise ValueError("a trend is held against the reference's own: name a reference")
        return self

    @property
    def each(self) -> range:
        """Seeds of the repetitions."""
        return range(self.seed, self.seed + self.seeds)


def read_race(path: Path) -> RaceProtocol:
    """Read a protocol and see that its rules and its reference are there.

    Raises
    ------
    ConfigError
        with one clear line: what is wrong, and where
    MissingPackageError
        for a package that is not installed
    """
    race = read_settings(path, RaceProtocol)
    references = () if race.reference is None else (race.reference.name,)
    look_up(path, [*(("acquisition", rule) for rule in race.rules), *(("references", n) for n in references)])
    return race
