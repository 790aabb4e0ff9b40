"""One writer a folder: an advisory lock that dies with its process, also after SIGKILL."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import CampaignBusyError


@contextmanager
def folder_lock(path: Path, *, wait: bool = False) -> Iterator[int]:
    """Hold the lock file `path`; gives its open descriptor.

    Parameters
    ----------
    path : lock file, made if missing
    wait : wait for it instead of raising

    Raises
    ------
    CampaignBusyError
        if another process holds it and `wait` is false
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise CampaignBusyError(f"{path.parent} is run by another process") from error
        yield descriptor
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether some process holds the lock file `path`."""
    if not path.exists():
        return False
    try:
        with folder_lock(path):
            return False
    except CampaignBusyError:
        return True
