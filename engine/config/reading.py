"""From campaign.toml to frozen settings; whatever cannot be used is told in one line."""

from __future__ import annotations

import difflib
import shlex
import tomllib
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from engine.config.complaints import rule, shown
from engine.config.schema import CampaignSettings
from engine.config.searches import SEARCHES
from engine.config.system import SystemSettings
from engine.errors import ConfigError
from engine.structures import read_cluster, read_crystal

FILENAME = "campaign.toml"


def parse(text: str) -> CampaignSettings:
    """Read campaign.toml's text; raise `ConfigError` with one clear line if it cannot be used."""
    try:
        raw = tomllib.loads(text)
    except ValueError as error:  # also of a number with more digits than Python reads
        raise ConfigError(f"{FILENAME} is not valid TOML: {str(error).partition(';')[0]}") from error
    except RecursionError as error:
        raise ConfigError(f"{FILENAME} is not valid TOML: brackets are nested too deeply") from error
    try:
        return CampaignSettings.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"{FILENAME}: {_first_line(error)}") from error


def read_text(folder: Path) -> str:
    """Text of a folder's campaign.toml; raise `ConfigError` if there is none or it is not text."""
    path = folder / FILENAME
    try:
        return path.read_text(encoding="utf-8-sig")  # Windows editors put a mark before the text
    except FileNotFoundError as error:
        raise ConfigError(
            f"{folder} holds no {FILENAME}: make a campaign with `deltadesk new DIR`"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not text in UTF-8: byte {error.start} is {error.reason}") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def load(folder: Path) -> CampaignSettings:
    """Read a campaign folder's settings; a composition left out is the start structure's, or the crystal's.

    Raises
    ------
    ConfigError
        if campaign.toml cannot be used
    StructureError
        if the composition is to come from a file that cannot be used
    """
    return completed(folder, parse(read_text(folder)))


def completed(folder: Path, settings: CampaignSettings) -> CampaignSettings:
    """Settings with the composition that a folder's start structure or crystal gives; raises as `load`."""
    formula = _formula(folder, settings.system)
    if formula is None:
        return settings
    return settings.model_copy(update={"system": settings.system.model_copy(update={"composition": formula})})


def _formula(folder: Path, system: SystemSettings) -> str | None:
    """What campaign.toml's composition is not, if anything."""
    if system.is_crystal:
        crystal = system.crystal
        if crystal.file is None:
            return crystal.composition
        structure = read_crystal(folder / crystal.file) * crystal.size
    elif system.start is None or "composition" in system.model_fields_set:
        return None
    else:
        structure = read_cluster(folder / system.start)
    formula: str = structure.get_chemical_formula()
    return formula


def split_command(command: str | None) -> list[str]:
    """Split a reference's command into words, as a shell would.

    Raises
    ------
    ConfigError
        if there is none, or its quotes do not close
    """
    try:
        words = shlex.split(command or "")
    except ValueError as error:
        raise ConfigError(f"{FILENAME}: reference.command = {command!r}: {error}") from error
    if not words:
        raise ConfigError(
            f'{FILENAME}: [reference] name = "command" needs command = "program {{structure}} {{result}}"'
        )
    return words


def _first_line(error: ValidationError) -> str:
    problem = error.errors()[0]
    where = [part for part in problem["loc"] if isinstance(part, str)]
    if problem["type"] == "extra_forbidden":
        if where[:2] == ["search", "other"]:
            known = ", ".join(sorted(SEARCHES))
            return (
                f"setting {where[-1]!r} belongs to none of deltadesk's searches ({known}); those of a "
                "search from another package go into [search.settings]"
            )
        names = _names(where[:-1])
        close = difflib.get_close_matches(where[-1], names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names)}"
        return f"unknown setting {'.'.join(where)!r}; {hint}"
    if problem["type"] == "missing":
        return f"{where[-1]!r} is missing in [[{where[0]}]]"
    got = "" if isinstance(problem["input"], dict | list | tuple) else f" = {shown(problem['input'])}"
    return f"{'.'.join(where) or 'settings'}{got}: {rule(problem)}"


def _table(annotation: Any) -> Any:
    """The settings of one table, also where a setting is a list of them."""
    return next((part for part in get_args(annotation) if hasattr(part, "model_fields")), annotation)


def _names(where: list[str]) -> list[str]:
    model: Any = CampaignSettings
    for part in where:
        said = None if part == "search" else model.model_fields.get(part)
        model = SEARCHES.get(part) or (model if said is None else _table(said.annotation))
    return list(model.model_fields)
