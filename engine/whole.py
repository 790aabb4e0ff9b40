"""Files that people asked for: there whole or not at all, and never over something else by accident."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from engine.config import FILENAME
from engine.errors import CampaignError


def write_whole(path: Path, write: Callable[[Path], object], *, force: bool = False) -> Path:
    """Let `write` fill a temporary file beside `path`, then give it its name.

    Parameters
    ----------
    path : where the file goes
    write : called with the temporary path, which has the same suffixes
    force : replace a file that is there

    Raises
    ------
    CampaignError
        if `path` is taken, belongs to a campaign, or cannot be written
    """
    path = path.expanduser()
    check_free(path, force=force)
    part = path.with_name(f".{os.getpid()}.part.{path.name}")
    try:
        write(part)
        check_free(path, force=force)
        part.replace(path)
    except (OSError, sqlite3.Error) as error:
        words = getattr(error, "strerror", None) or error
        raise CampaignError(f"{path} cannot be written: {words}") from error
    finally:
        part.unlink(missing_ok=True)
    return path


def check_free(path: Path, *, force: bool) -> None:
    """Refuse a path that must not be written, before any work is done for it."""
    if not path.parent.is_dir():
        raise CampaignError(f"{path} cannot be written: there is no folder {path.parent}")
    if path.is_dir():
        raise CampaignError(f"{path} is a folder: name a file in it")
    if not path.exists() and not path.is_symlink():
        return
    if not force:
        raise CampaignError(f"{path} exists: name another file, or replace it with --force (force=True)")
    if not path.is_file():
        raise CampaignError(f"{path} is not a plain file: name another")
    home = path.resolve().parent
    if any((folder / FILENAME).exists() for folder in (home, *home.parents)):
        raise CampaignError(f"{path} lies in a campaign's folder, where nothing is replaced: name another")
