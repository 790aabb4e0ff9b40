"""What a person types to have one reference calculation done with other settings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable

from pydantic import ValidationError

from engine.config.base import merged
from engine.config.complaints import complaint
from engine.config.schema import ReferenceSettings
from engine.core import ReferenceChange
from engine.errors import ConfigError

LIMITS = ("time_limit", "memory_limit", "cores")
"""Settings of [reference] itself; every other name is a keyword argument of the calculator."""


def reference_change(lines: Iterable[str]) -> ReferenceChange:
    """Read lines of ``KEY = VALUE``, with values as in campaign.toml.

    Raises
    ------
    ConfigError
        if one of them cannot be used
    """
    said: dict[str, object] = {}
    for line in filter(str.strip, lines):
        try:
            said = merged(said, tomllib.loads(line))
        except (ValueError, RecursionError) as error:
            raise ConfigError(
                f"{line.strip()!r} is not KEY = VALUE as in campaign.toml (words in quotes): {error}"
            ) from error
    limits = {name: said.pop(name) for name in LIMITS if name in said}
    try:
        ReferenceSettings.model_validate({"settings": said, **limits})  # its bounds are campaign.toml's
        return ReferenceChange.model_validate({"settings": said, **limits})
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"] if part != "settings")
        raise ConfigError(f"{name or 'settings'} cannot be used: {complaint(problem)}") from error
