"""One writer a folder: an advisory lock that dies with its process, also after SIGKILL."""

from __future__ import annotations

import errno
import fcntl
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import CampaignBusyError, StorageError

_LOOK = 0.05  # s between two attempts
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def folder_lock(path: Path, *, patience: float = 0.0) -> Iterator[int]:
    """Hold the lock file `path`; gives its open descriptor.

    Parameters
    ----------
    path : lock file, made if missing
    patience : s to wait for another process to let it go, which may be infinite

    Raises
    ------
    CampaignBusyError
        if another process still holds it then
    StorageError
        if this user may not write there
    """
    descriptor = _open(path)
    try:
        _take(descriptor, patience, path.parent)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, patience: float, folder: Path) -> None:
    if math.isinf(patience):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= until:
                raise CampaignBusyError(f"{folder} is run by another process") from error
            time.sleep(_LOOK)  # nothing tells when a lock is let go within a time
        else:
            return


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
