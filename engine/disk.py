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


def file_system(folder: Path, mounts: str) -> tuple[str, str]:
    """Kind and mount point of the file system that a folder lies on, or would lie on once it is made.

    Parameters
    ----------
    folder : need not exist
    mounts : as in /proc/self/mounts: device, mount point, kind, ..., the last mount of a point counts
    """
    known = {}
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split()
        known[Path(point.encode().decode("unicode_escape"))] = kind  # \040 stands for a blank
    place = folder.absolute().resolve()
    nearest = next((point for point in (place, *place.parents) if point in known), Path("/"))
    return known.get(nearest, ""), str(nearest)


def refuse_network(folder: Path) -> None:
    """See that a folder lies on a disk of this machine, as far as this system tells.

    Raises
    ------
    StorageError
        if it lies on a network's: there, locks and shared memory of several machines do not meet
    """
    try:
        mounts = MOUNTS.read_text()
    except OSError:  # only Linux has this file
        return
    kind, point = file_system(folder, mounts)
    if kind in NETWORK:
        raise StorageError(
            f"{folder} lies on a network's file system ({kind} at {point}), where no campaign's database is "
            "safe: keep it on a disk of the machine that runs it, and let `deltadesk backup` write there"
        )
