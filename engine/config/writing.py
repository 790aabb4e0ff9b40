"""Changes to campaign.toml's text that leave its comments where they are."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit


def rewritten(text: str, changes: Mapping[str, Any]) -> str:
    """`text` with settings changed: a section is merged, None leaves a setting out, comments stay.

    Unless it would say something else then: a new table among dotted keys would take in the lines after it.
    """
    wanted = tomllib.loads(text)
    _write(wanted, changes)
    document = tomlkit.parse(text if text.endswith("\n") else f"{text}\n")
    _write(document, changes)
    found = tomlkit.dumps(document)
    return found if _says(found, wanted) else tomlkit.dumps(wanted)


def _says(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def is_tables(value: object) -> bool:
    """Whether a value is a list of tables, ``[[search]]``."""
    return isinstance(value, list) and bool(value) and all(isinstance(part, Mapping) for part in value)


def _write(table: Any, changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        known = table.get(key)
        if value is None:
            table.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(known, Mapping):
            _write(known, value)
        elif is_tables(value) and is_tables(known):
            for part, change in zip(known, value, strict=False):
                _write(part, change)
            del known[len(value) :]
            for part in value[len(known) :]:
                known.append(_without_none(part))
        else:
            table[key] = _without_none(value)


def _without_none(value: Any) -> Any:
    """TOML has no null: what is None is left out."""
    if isinstance(value, Mapping):
        return {key: _without_none(part) for key, part in value.items() if part is not None}
    return [_without_none(part) for part in value] if isinstance(value, list) else value
