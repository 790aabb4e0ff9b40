"""What a study asks, written down before the first run: system, success, number of restarts, test."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import tomlkit
from pydantic import Field, ValidationError, field_validator, model_validator

from engine import campaigns, config, registry
from engine.config import CampaignSettings, Settings, complaint
from engine.config.base import MOST, Arguments, Count, PositiveFloat, merged
from engine.errors import ConfigError

Axis = Literal["labels", "core_seconds", "steps"]
Asked = TypeVar("Asked", bound=Settings)
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class Arm(Settings):
    """One of the searches that are compared."""

    name: Name = Field(description="names its folder and its curve")
    settings: Arguments = Field(default_factory=dict, description="what it changes beside what all arms do")


class Protocol(Settings):
    """The whole of a protocol."""

    name: str = Field(min_length=1, max_length=80)
    template: str = Field(description="the template that every arm starts from")
    settings: Arguments = Field(
        default_factory=dict, description="what all arms change in it: tables are merged, lists are replaced"
    )
    budget: Count = Field(description="reference calculations of a restart; at its end it is censored")
    restarts: Count = Field(20, description="of each arm")
    seed: Annotated[int, Field(ge=0, lt=MOST)] = Field(1, description="of the first restart; then one more")
    dE: PositiveFloat = Field(0.1, description="success: a label this near the best known minimum (eV)")
    best_known_eV: float | None = Field(None, description="from elsewhere; a lower label of the study counts")
    baseline: str = Field(description="the arm that the others are tested against")
    test: Literal["log-rank"] = "log-rank"
    axis: Axis = Field("labels", description="the cost that the test looks at")
    alpha: Annotated[float, Field(gt=0, lt=1)] = Field(0.05, description="level of all tests together (Holm)")
    arm: Annotated[tuple[Arm, ...], Field(min_length=2)]

    @field_validator("arm")
    @classmethod
    def _one_of_a_name(cls, arm: tuple[Arm, ...]) -> tuple[Arm, ...]:
        names = [one.name for one in arm]
        if len(set(names)) < len(names):
            raise ValueError(f"each arm has a name of its own, but these are listed: {', '.join(names)}")
        return arm

    @model_validator(mode="after")
    def _compared(self) -> Protocol:
        if self.baseline not in [arm.name for arm in self.arm]:
            raise ValueError(f"no arm is called {self.baseline!r}, the baseline")
        return self

    @property
    def seeds(self) -> range:
        """Of the restarts of every arm."""
        return range(self.seed, self.seed + self.restarts)

    def campaign(self, arm: Arm, seed: int) -> str:
        """The campaign.toml of one restart: lockstep, no person, and no pause that nobody would end."""
        raw = tomllib.loads(campaigns.source(self.template))
        settings = merged(merged(raw, self.settings), arm.settings)
        fixed = {
            "name": f"{self.name}: {arm.name}, seed {seed}"[:80],
            "seed": seed,
            "budget": self.budget,
            "pace": "lockstep",
            "curation": {"policy": "auto", "hold": 0.0},
            "reference": {"pause_after": MOST},
            "landscape": {"barriers": False},  # nobody looks at them, and they take time
        }
        return tomlkit.dumps(merged(settings, fixed))


def read_settings(path: Path, kind: type[Asked]) -> Asked:
    """Read a TOML file of one table of settings.

    Raises
    ------
    ConfigError
        with one clear line: what is wrong, and where
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not valid TOML: {str(error).partition(';')[0]}") from error
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"{path.name}: {_first_line(error, kind)}") from error


def look_up(path: Path, names: Iterable[tuple[str, str]]) -> None:
    """See that what a protocol names, (group, name) each, is registered and installed.

    Raises
    ------
    ConfigError
        with one clear line: what there is not
    MissingPackageError
        for a package that one of them needs
    """
    for group, name in names:
        try:
            registry.find(group, name)
        except ConfigError as error:
            raise ConfigError(f"{path.name}: {error}") from error


def read_protocol(path: Path) -> Protocol:
    """Read a protocol and see that each arm can be run here.

    Raises
    ------
    ConfigError
        with one clear line: what is wrong, and where
    MissingPackageError
        for a package that an arm needs
    """
    protocol = read_settings(path, Protocol)
    for arm in protocol.arm:
        try:
            campaigns.preflight(path.parent, settings_of(protocol, arm, protocol.seed))
        except ConfigError as error:
            raise ConfigError(f"{path.name}: arm {arm.name!r}: {error}") from error
    return protocol


def settings_of(protocol: Protocol, arm: Arm, seed: int) -> CampaignSettings:
    """The settings of one restart."""
    return config.parse(protocol.campaign(arm, seed))


def _first_line(error: ValidationError, kind: type[Settings]) -> str:
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        known = f"; known: {', '.join(kind.model_fields)}" if len(problem["loc"]) == 1 else ""
        return f"unknown setting {where!r}{known}"
    if problem["type"] == "missing":
        return f"{where!r} is missing"
    return f"{where + ': ' if where else ''}{complaint(problem)}"
