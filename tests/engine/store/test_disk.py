"""Disks that are full, read-only, damaged or far away: one line that says what to do, and nothing lost."""

import ctypes
import os
import resource
import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

from engine import campaigns, disk
from engine.core import RunControlled
from engine.errors import StorageError
from engine.store import Store
from engine.store import connection as opening
from tests.crash import toys
from tests.support import history, toy

START = RunControlled(action="start", by="ada", auth="local")
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1  # linux/prctl.h, linux/capability.h


def one_line(done):
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# ---- full


@pytest.fixture
def fresh_size(tmp_path):
    """Bytes of a database that nothing was written to."""
    (tmp_path / "fresh").mkdir()
    store = Store.create(tmp_path / "fresh")
    with closing(sqlite3.connect(store.path)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    store.close()
    return pages * size


def on_a_full_disk(folder, room, *words):
    """Run where no file grows beyond `room` bytes: the kernel refuses, as it does where a disk is full."""
    done = subprocess.run(
        toy.command(*words),
        env=toy.environment(folder),
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        check=False,
    )
    return one_line(done)


def run_on_a_full_disk(folder, room):
    line = on_a_full_disk(folder, room, "run", folder, "--json")
    assert "the disk takes no more" in line
    assert f"`deltadesk run {folder}` goes on" in line


def test_a_campaign_that_finds_the_disk_full_stops_in_words_and_goes_on_to_the_same_end(tmp_path, fresh_size):
    folder = toys.make(tmp_path / "full", "auto")
    run_on_a_full_disk(folder, 4 * fresh_size)  # enough to begin, less than the write-ahead log of a run
    kept = history.events(folder)
    assert kept
    done = toy.run(folder, "run", folder, "--json")
    assert done.returncode == 0, done.stderr
    assert history.events(folder)[: len(kept)] == kept
    undisturbed = toys.make(tmp_path / "room", "auto")
    assert toy.run(undisturbed, "run", undisturbed).returncode == 0
    assert history.course(folder) == history.course(undisturbed)


def test_a_disk_that_is_full_before_the_database_is_made_is_no_obstacle_later(tmp_path, fresh_size):
    folder = toys.make(tmp_path / "full", "auto")
    run_on_a_full_disk(folder, fresh_size // 4)
    line = one_line(toy.run(folder, "status", folder))
    assert f"`deltadesk run {folder}`" in line
    done = toy.run(folder, "run", folder, "--json")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("option", ["--labels=5", "--seed=7"])
def test_a_full_disk_leaves_campaign_toml_as_it_was(tmp_path, option):
    folder = toys.make(tmp_path / "full", "auto")
    before = contents(folder)
    line = on_a_full_disk(folder, 100, "run", folder, option)
    assert f"{folder / 'campaign.toml'} cannot be written: File too large" in line
    assert contents(folder) == before


def test_settings_are_written_through_a_link_and_keep_who_may_read_them(tmp_path):
    folder = toys.make(tmp_path / "mine", "auto")
    kept = (folder / "campaign.toml").rename(tmp_path / "kept.toml")
    kept.chmod(0o640)
    (folder / "campaign.toml").symlink_to(kept)
    assert campaigns.edit(folder, seed=7).seed == 7
    assert (folder / "campaign.toml").is_symlink()
    assert "seed = 7" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.toml", "mine"]


def test_a_transaction_that_finds_the_disk_full_leaves_nothing(tmp_path, monkeypatch):
    store = Store.create(tmp_path)
    with store.transaction(0, 1.0) as tx:
        tx.append(START)
    (pages,) = sqlite3.connect(store.path).execute("PRAGMA page_count").fetchone()
    connect = opening.connect

    def full(path):
        connection = connect(path)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(opening, "connect", full)
        with pytest.raises(StorageError, match="the disk takes no more"), store.transaction(1, 2.0) as tx:
            tx.append(START)
            tx.append(START.model_copy(update={"reason": "x" * 100_000}))
    assert [item.seq for item in store.events()] == [1]
    with store.transaction(1, 3.0) as tx:
        tx.append(START)
    assert [item.time for item in store.events()] == [1.0, 3.0]
    store.close()


# ---- read-only


@pytest.fixture
def read_only(finished_toy, tmp_path):
    """A copy of a finished campaign that may be looked at."""
    folder = at_rest(finished_toy, tmp_path / "toy")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def at_rest(finished, copy):
    """A copy of a campaign that nobody runs, all of it in its one file."""
    shutil.copytree(finished, copy)
    with closing(sqlite3.connect(copy / "campaign.db")) as database_:
        database_.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for side in copy.glob("campaign.db-*"):
        side.unlink()
    return copy


def be_no_superuser():
    """Keep root from writing where permissions say no: without CAP_DAC_OVERRIDE, from exec on."""
    if os.getuid() == 0 and ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0):
        raise OSError("the capability cannot be dropped")


def as_user(folder, *words):
    return subprocess.run(
        toy.command(*words),
        env=toy.environment(folder),
        capture_output=True,
        text=True,
        preexec_fn=be_no_superuser,
        check=False,
    )


def test_a_folder_that_one_may_only_read_is_read_and_not_run(read_only):
    folder = read_only
    before = contents(folder)
    status = as_user(folder, "status", folder)
    assert status.returncode == 0, status.stderr
    assert "finished" in status.stdout
    for words in (("run", folder), ("decide", folder, "c-000001", "veto")):
        assert "cannot be" in (line := one_line(as_user(folder, *words)))
        assert str(folder) in line
    assert contents(folder) == before


# ---- damaged


def empty(path):
    path.write_bytes(b"")


def forget(path):
    """As if only the first page had ever left the write-ahead file, and that had been thrown away."""
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = WAL")


def cut(path):
    path.write_bytes(path.read_bytes()[:-5000])


def overwrite(path):
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\x5a" * 8192 + whole[len(whole) // 2 + 8192 :])


def no_header(path):
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])


@pytest.mark.parametrize("harm", [empty, forget, cut, overwrite, no_header])
def test_a_damaged_database_is_seen_before_anything_is_written(finished_toy, tmp_path, deltadesk, harm):
    folder = at_rest(finished_toy, tmp_path / "toy")
    harm(folder / "campaign.db")
    before = contents(folder)
    code, _, lines = deltadesk("run", folder, "--json")
    assert (code, len(lines)) == (2, 1), lines
    assert "campaign.db is damaged" in lines[0]
    assert f"`deltadesk restore BACKUP {folder}` puts a copy back that `deltadesk backup` made" in lines[0]
    unlocked = {path: said for path, said in contents(folder).items() if not path.match("campaign.db-*")}
    assert unlocked == before


# ---- far away

MOUNTS = """\
/dev/vda1 / ext4 rw 0 0
server:/home {place} nfs4 rw,vers=4.2 0 0
tmpfs {place}/scratch tmpfs rw 0 0
//server/a\\040b {place}/a\\040b cifs rw 0 0
"""


@pytest.fixture
def mounted(tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    place = tmp_path / "home"
    mounts.write_text(MOUNTS.format(place=place))
    monkeypatch.setattr(disk, "MOUNTS", mounts)
    return place


def test_a_networks_file_system_is_refused_in_words(mounted, deltadesk):
    code, _, lines = deltadesk("new", mounted / "mine")
    assert (code, len(lines)) == (2, 1)
    assert f"{mounted / 'mine'} lies on a network's file system (nfs4 at {mounted})" in lines[0]
    assert not mounted.exists()
    folder = toys.make(mounted / "copied", "auto")
    before = contents(mounted)
    code, _, lines = deltadesk("run", folder)
    assert (code, len(lines)) == (2, 1)
    assert "keep it on a disk of the machine that runs it" in lines[0]
    assert contents(mounted) == before


def test_what_lies_elsewhere_is_not_refused(mounted, tmp_path):
    disk.refuse_network(mounted / "scratch" / "mine")
    disk.refuse_network(tmp_path / "homework")
    with pytest.raises(StorageError, match=r"cifs at .*/a b"):
        disk.refuse_network(mounted / "a b")


@pytest.mark.parametrize("kind", ["9p", "virtiofs"])
def test_a_folder_of_the_machine_around_this_one_is_refused_and_a_containers_root_is_not(
    tmp_path, monkeypatch, kind
):
    mounts = tmp_path / "mounts"
    monkeypatch.setattr(disk, "MOUNTS", mounts)
    mounts.write_text(f"/dev/vda1 / ext4 rw 0 0\nC:\\134 {tmp_path}/c {kind} rw 0 0\n")
    with pytest.raises(StorageError, match=rf"of the machine around this one \({kind} at {tmp_path}/c\)"):
        disk.refuse_network(tmp_path / "c" / "mine")
    disk.refuse_network(tmp_path / "mine")
    mounts.write_text(f"none / {kind} rw 0 0\n")
    disk.refuse_network(tmp_path / "mine")


def test_without_a_list_of_mounts_nothing_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "MOUNTS", tmp_path / "nothing")
    disk.refuse_network(tmp_path)
