"""What all settings share: bounded numbers, plain arguments, and a base that refuses unknown names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

LARGEST = 1e9
"""No length, time, energy or share of ours is larger, in any of their units."""
MOST = 10**6
"""Nor is anything counted beyond this."""
DEEPEST = 8  # tables and lists within one another, in arguments for somebody else's code

PositiveFloat = Annotated[float, Field(gt=0, le=LARGEST, allow_inf_nan=False)]
NonNegativeFloat = Annotated[float, Field(ge=0, le=LARGEST, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=MOST)]
Bond = tuple[PositiveFloat, PositiveFloat]


def merged(table: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A table with changes of it, and of tables in it."""
    found = dict(table)
    for key, value in changes.items():
        known = found.get(key)
        both = isinstance(value, Mapping) and isinstance(known, Mapping)
        found[key] = merged(known, value) if both and known is not None else value
    return found


def inside(name: str) -> str:
    """Return the name of a file in the folder where it is looked for; anything else is a ValueError."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or not name.isprintable():
        raise ValueError("must be the name of a file in the folder, without '..' or a leading '/'")
    return name


FileName = Annotated[str, Field(min_length=1), AfterValidator(inside)]


def _plain(arguments: dict[str, Any], deep: int = 1) -> dict[str, Any]:
    """Refuse what JSON cannot keep: the log holds every setting, and a job reads them from its folder."""
    if deep > DEEPEST:
        raise ValueError(f"tables and lists lie more than {DEEPEST} deep in one another")
    for key, value in arguments.items():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                _plain(part, deep + 1)
            elif isinstance(part, list):
                _plain({key: part}, deep + 1)
            elif isinstance(part, float) and not math.isfinite(part):
                raise ValueError(f"{key} = {part} is not a finite number")
            elif not isinstance(part, str | int | float | None):
                raise ValueError(f"{key} = {part} is a date or time: write it as text, in quotes")
    return arguments


Arguments = Annotated[dict[str, Any], AfterValidator(_plain)]
"""Keyword arguments for a class that is named beside them."""


class Settings(BaseModel):
    """Base of all settings: frozen, unknown names refused, true and false are not numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        wanted = cls.model_fields[info.field_name or ""].annotation
        if isinstance(value, bool) and wanted in (int, float):
            raise ValueError(f"needs a number, got {str(value).lower()}")
        return value
