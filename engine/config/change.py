"""What a person types to have one reference calculation done with other settings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable

from pydantic import ValidationError

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
            said |= tomllib.loads(line)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(
                f"{line.strip()!r} is not KEY = VALUE as in campaign.toml (words in quotes): {error}"
            ) from error
    limits = {name: said.pop(name) for name in LIMITS if name in said}
    try:
        return ReferenceChange(settings=said, **limits)
    except (ValidationError, TypeError, ValueError) as error:
        raise ConfigError(f"these settings cannot be used: {_words(error)}") from error


def _words(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    problem = error.errors()[0]
    name = ".".join(str(part) for part in problem["loc"] if part != "settings")
    return f"{name or 'settings'} = {problem['input']!r}: {problem['msg']}"
