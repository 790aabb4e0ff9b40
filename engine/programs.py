"""What of a campaign's settings runs as a program, and of each file what it held when it was looked at."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engine import config
from engine.config import CampaignSettings


@dataclass(frozen=True)
class Program:
    """One of them.

    Attributes
    ----------
    setting : where campaign.toml names it
    name : what is written there
    sha256 : of the file that it names, in hexadecimal digits; empty if it names none
    size : of that file, bytes
    """

    setting: str
    name: str
    sha256: str = ""
    size: int = 0


def programs(settings: CampaignSettings) -> list[Program]:
    """Classes, command lines, and text arguments that a calculator may open or run, in their order."""
    return [_looked_at(path, text) for path, text in config.code(settings.model_dump(mode="json"))]


def _looked_at(setting: str, name: str) -> Program:
    try:
        file = Path(name)
        if not file.is_absolute() or not file.is_file():
            return Program(setting, name)
        stat = file.stat()
        return Program(setting, name, sha256(file), stat.st_size)
    except (OSError, ValueError):  # no name of a file, or one that nobody may read
        return Program(setting, name)


def sha256(file: Path) -> str:
    """Of its content, in hexadecimal digits; read again only when the file has changed."""
    stat = file.stat()
    return _sha256(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=128)
def _sha256(file: Path, changed: int, size: int) -> str:  # noqa: ARG001 - part of the key
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
