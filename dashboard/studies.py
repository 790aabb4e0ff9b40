"""Races and screenings whose folders lie beside the campaigns, finished or not."""

from __future__ import annotations

import json
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.campaigns import home

RESULT, PROTOCOL = "result.json", "protocol.json"


def races() -> dict[str, Path]:
    """Folders of races, by their names."""
    return _asking_for("rules")


def screenings() -> dict[str, Path]:
    """Folders of screenings, by their names."""
    return _asking_for("material")


def standing(folder: Path, parts: str) -> Hashable:
    """What changes when a study goes on: its result, and its finished `parts` (a pattern)."""
    return _changed(folder / RESULT), sum(1 for _ in folder.glob(parts))


def read(path: Path) -> dict[str, Any]:
    """A JSON file that a study wrote; empty where it is not there or is none."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _asking_for(key: str) -> dict[str, Path]:
    folders = sorted(path.parent for path in home().glob(f"*/{PROTOCOL}"))
    return {
        folder.name: folder
        for folder in folders
        if key in _keys(folder / PROTOCOL, _changed(folder / PROTOCOL))
    }


@lru_cache(maxsize=256)
def _keys(path: Path, changed: float) -> frozenset[str]:  # noqa: ARG001  part of the key
    return frozenset(read(path))


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
