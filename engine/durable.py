"""Files that are replaced at once or not at all, whatever dies and however full the disk is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


def replace(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a temporary file beside `path`, see it to the disk, and give it that name.

    Raises
    ------
    OSError
        if the disk takes no more; what was there before is still there
    """
    path = path.resolve()  # a link stays one
    part = path.with_name(f".{os.getpid()}.part.{path.name}")
    try:
        with part.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
        _see_to_disk(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _see_to_disk(folder: Path) -> None:
    """Have the names in a folder outlive a power cut, where its file system can do that."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_text(path: Path, text: str) -> None:
    """Replace a file with this text, in UTF-8."""
    replace(path, lambda file: file.write(text.encode()))
