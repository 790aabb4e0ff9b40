"""One writer a folder: an advisory lock that dies with its process, also after SIGKILL."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import CampaignBusyError, StorageError

_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


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
    StorageError
        if this user may not write there
    """
    descriptor = _open(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise CampaignBusyError(f"{path.parent} is run by another process") from error
        yield descriptor
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        if error.errno not in _FORBIDDEN:
            raise
        raise StorageError(
            f"{path.parent} cannot be written here ({error.strerror}): ask whose it is, or run a copy of it; "
            "`deltadesk status` and `export` only read"
        ) from error


def is_locked(path: Path) -> bool:
    """Whether some process holds the lock file `path`; who may only read is told as well."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
