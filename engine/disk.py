"""Which disk a folder lies on: a campaign's database needs one of this machine."""

from __future__ import annotations

from pathlib import Path

from engine.errors import StorageError

MOUNTS = Path("/proc/self/mounts")

NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "ceph", "lustre", "gpfs"),
        *("beegfs", "orangefs", "pvfs2", "panfs", "glusterfs", "ocfs2", "gfs2", "davfs"),
        *("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.rclone", "fuse.s3fs", "fuse.davfs2"),
    }
)
"""File systems, as Linux calls them, that several machines may write at once."""
SHARED = frozenset({"9p", "virtiofs", "fuse.virtiofs"})
"""Folders of the machine around this one: WSL's /mnt/c, what a virtual machine or Docker Desktop is given.

Locks and memory shared there end at this machine, and SQLite's write-ahead log fails or is damaged
(github.com/gastownhall/beads/issues/920). As its root they are a sandboxed container's own disk.
"""


def file_system(folder: Path, mounted: str) -> tuple[str, str]:
    """Kind and mount point of the file system that a folder lies on, or would lie on once it is made.

    Parameters
    ----------
    folder : need not exist
    mounted : as in /proc/self/mounts: device, mount point, kind, ..., the last mount of a point counts
    """
    known = {}
    for line in mounted.splitlines():
        _, point, kind, *_ = line.split()
        known[Path(point.encode().decode("unicode_escape"))] = kind  # \040 stands for a blank
    place = folder.absolute().resolve()
    nearest = next((point for point in (place, *place.parents) if point in known), Path("/"))
    return known.get(nearest, ""), str(nearest)


def refuse_network(folder: Path) -> None:
    """See that a folder lies on a disk of this machine alone, as far as this system tells.

    Raises
    ------
    StorageError
        if it lies on a network's, or in a folder of the machine around this one: there, locks and shared
        memory of several machines do not meet
    """
    kind, point = file_system(folder, mounts())
    shared = kind in SHARED and point != "/"
    if kind in NETWORK or shared:
        where = "in a folder of the machine around this one" if shared else "on a network's file system"
        raise StorageError(
            f"{folder} lies {where} ({kind} at {point}), where no campaign's database is "
            "safe: keep it on a disk of the machine that runs it, and let `deltadesk backup` write there"
        )


def mounts() -> str:
    """What is mounted here, for `file_system`; nothing where this system does not tell."""
    try:
        return MOUNTS.read_text()
    except OSError:  # only Linux has this file
        return ""
