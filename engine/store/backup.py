"""One file that holds a whole campaign, taken while it runs, and the way back.

The database is copied first, by SQLite's own online copy; models and job folders can only have grown by then,
and what they hold more is collected, as after a kill. A zip file, so that no desk takes it for a campaign.
"""

from __future__ import annotations

import filecmp
import itertools
import shutil
import sqlite3
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from engine import config
from engine.errors import CampaignError, ConfigError, DeltadeskError, StorageError
from engine.store import troubles
from engine.store.connection import FILENAME, LOCK, connect
from engine.store.database import Store
from engine.store.lock import folder_lock
from engine.whole import write_whole

Watch = Callable[[Iterable[Path], int], Iterable[Path]]

REFERENCES = "references"
_INPUT = "input.json"  # what a job folder is told by; this room lies below engine.references
_DATABASE = {FILENAME, f"{FILENAME}-wal", f"{FILENAME}-shm", f"{FILENAME}-journal"}
SET_ASIDE = "set-aside"
SUFFIX = ".backup.zip"


def default_name(folder: Path) -> Path:
    """Where a backup goes that nobody named: beside the campaign, with the time."""
    place = folder.resolve()
    return place.with_name(f"{place.name}-{time.strftime('%Y%m%d-%H%M%S')}{SUFFIX}")


def backup(folder: Path, out: Path, *, force: bool = False, watch: Watch = lambda paths, _: paths) -> int:
    """Write a campaign into one file, and return the event that it ends with; it may be running.

    Parameters
    ----------
    folder, out : campaign, and the file
    force : replace a file that is there
    watch : sees the files and their number go by

    Raises
    ------
    CampaignError
        if there is no campaign, its database is damaged, or `out` cannot be written
    """
    config.load(folder)
    seq = 0

    def write(part: Path) -> None:
        nonlocal seq
        with tempfile.TemporaryDirectory(dir=part.parent, prefix=".deltadesk-") as scratch:
            copy = Path(scratch) / FILENAME
            seq = _copy_database(folder, copy)
            files = list(_files(folder))
            with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.write(copy, FILENAME)
                for path in watch(files, len(files)):
                    with suppress(FileNotFoundError):  # set aside or renamed since it was listed
                        archive.write(path, path.relative_to(folder))

    write_whole(out, write, force=force)
    return seq


def restore(archive: Path, folder: Path) -> tuple[int, Path | None]:
    """Put a backup back; what its files replace is set aside, and no job folder is lost.

    Returns
    -------
    the event that the campaign ends with now, and the folder that holds what was replaced, if anything was

    Raises
    ------
    CampaignBusyError
        if the campaign runs
    CampaignError
        if the file is no whole backup, or the folder is something else's
    """
    if folder.exists() and not (folder / config.FILENAME).exists() and any(folder.iterdir()):
        raise CampaignError(f"{folder} is taken by something that is no campaign: name another folder")
    with tempfile.TemporaryDirectory(dir=_nearest(folder), prefix=".deltadesk-") as scratch:
        whole = Path(scratch) / "campaign"
        _unpack(archive, whole)
        _check_settings(archive, whole)
        seq = _check_log(archive, whole)
        folder.mkdir(parents=True, exist_ok=True)
        with folder_lock(folder / LOCK):
            return seq, _put(whole, folder)


def _copy_database(folder: Path, copy: Path) -> int:
    Store(folder).close()  # says in words what is wrong
    path = folder / FILENAME
    try:
        where, is_uri = troubles.address(path)
        with closing(sqlite3.connect(where, uri=is_uri)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            troubles.refuse_damaged(path, target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without side files
    except sqlite3.Error as error:
        raise troubles.in_words(path, error) from error
    return _last_event(copy.parent)


def _last_event(folder: Path) -> int:
    store = Store(folder)
    try:
        return max((item.seq for item in store.events()), default=0)
    finally:
        store.close()


def _files(folder: Path) -> Iterator[Path]:
    """All plain files but the database and older backups; no links, which may lead anywhere."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        passes = path.name.startswith(".") or path.name.endswith((".tmp", SUFFIX))
        own = str(inside) in _DATABASE | {LOCK} or inside.parts[0] == SET_ASIDE
        if path.is_file() and not path.is_symlink() and not passes and not own:
            yield path


def _unpack(archive: Path, whole: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as packed:
            names = packed.namelist()
            if FILENAME not in names or config.FILENAME not in names:
                raise CampaignError(f"{archive} holds no campaign: `deltadesk backup` did not make it")
            if any(_leads_out(name) for name in names):
                raise CampaignError(f"{archive} holds a file that belongs elsewhere: it is no backup")
            packed.extractall(whole)  # sums are checked
    except FileNotFoundError as error:
        raise CampaignError(f"there is no file {archive}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        raise CampaignError(f"{archive} is not a whole backup: {error}") from error
    except OSError as error:
        raise CampaignError(f"{archive} cannot be unpacked: {error.strerror or error}") from error


def _check_settings(archive: Path, whole: Path) -> None:
    try:
        config.load(whole)
    except ConfigError as error:
        raise CampaignError(f"{archive}: {error}") from error


def _check_log(archive: Path, whole: Path) -> int:
    try:
        return _last_event(whole)
    except DeltadeskError as error:
        said = f"{archive} is not a whole backup: the database in it is damaged; take another one"
        raise CampaignError(said) from error


def _leads_out(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in Path(name).parts


def _nearest(folder: Path) -> Path:
    return next(place for place in folder.absolute().parents if place.is_dir())


def _put(whole: Path, folder: Path) -> Path | None:
    """Move a backup's files into a folder: the database comes last, its calculations before it."""
    aside = _fresh(folder / SET_ASIDE / time.strftime("%Y%m%d-%H%M%S"))
    for job in sorted(whole.glob(f"{REFERENCES}/*")):
        _put_job(job, folder / REFERENCES / job.name, aside / REFERENCES / job.name)
    shutil.rmtree(whole / REFERENCES, ignore_errors=True)
    files = [path for path in sorted(whole.rglob("*")) if path.is_file() and path != whole / FILENAME]
    for path in files:
        inside = path.relative_to(whole)
        _put_file(path, folder / inside, aside / inside)
    _take_in_the_newest(folder / FILENAME)
    for name in sorted(_DATABASE - {FILENAME}):
        _move(folder / name, aside / name)
    _put_file(whole / FILENAME, folder / FILENAME, aside / FILENAME)
    return aside if aside.exists() else None


def _take_in_the_newest(path: Path) -> None:
    """Have a sound database hold what its write-ahead file has: a kill may come between moving the two."""
    if path.exists():
        with suppress(sqlite3.Error, StorageError), closing(connect(path)) as old:
            troubles.refuse_damaged(path, old)
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _put_job(job: Path, here: Path, aside: Path) -> None:
    """A job folder that is there may hold more than the backup's: the same calculation's stays."""
    asked, ours = job / _INPUT, here / _INPUT
    if asked.exists() and ours.exists() and filecmp.cmp(asked, ours, shallow=False):
        return
    _move(here, aside)
    _move(job, here)


def _put_file(path: Path, here: Path, aside: Path) -> None:
    if not (here.is_file() and filecmp.cmp(path, here, shallow=False)):
        _move(here, aside)
        _move(path, here)


def _move(path: Path, target: Path) -> None:
    if path.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)


def _fresh(path: Path) -> Path:
    names = (path.with_name(f"{path.name}-{k}" if k else path.name) for k in itertools.count())
    return next(name for name in names if not name.exists())
