"""A file that holds a model's weights, which campaign.toml or the command line names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import ConfigError


def model_file(program: str, name: Any) -> Path:
    """Its path.

    Parameters
    ----------
    program : whose model it is, for people
    name : as it is written

    Raises
    ------
    ConfigError
        unless it is the whole path of a file that is there
    """
    file = Path(str(name)).expanduser()
    if not file.is_absolute():
        raise ConfigError(f"{program}: model = {str(name)!r}: give the whole path, from / on")
    if not file.is_file():
        raise ConfigError(f"{program}: there is no file {file}")
    return file


def known_settings(
    program: str, defaults: Mapping[str, Any], given: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What is `given` over the defaults.

    Raises
    ------
    ConfigError
        for a name that the defaults do not have
    """
    unknown = sorted(set(given or {}) - set(defaults))
    if unknown:
        raise ConfigError(f"{program} has no setting {unknown[0]!r}; known: {', '.join(defaults)}")
    return {**defaults, **(given or {})}
