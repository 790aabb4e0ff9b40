"""A campaign in one file, taken while it runs; put back, it goes on to the same end."""

import re
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing

import pytest

from engine.core import BudgetChanged
from engine.loop.writer import writing
from engine.store import Store, backup
from tests.crash import toys
from tests.engine.loop.test_crash import campaign, wait_for
from tests.support import history, toy


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory):
    """A campaign that is finished by now, and its backup from when it was not."""
    folder = toys.make(tmp_path_factory.mktemp("backup") / "toy", "auto")
    out = folder.with_name("toy.backup.zip")
    running = subprocess.Popen(
        toy.command("run", folder), env=toy.environment(folder), stderr=subprocess.DEVNULL
    )
    wait_for(lambda: campaign(folder).labels)
    done = toy.run(folder, "backup", folder, out)
    assert running.wait(timeout=60) == 0
    assert (done.returncode, done.stderr) == (0, "")
    (seq,) = re.findall(r"up to event (\d+)", done.stdout)
    assert 0 < int(seq) < campaign(folder).seq, "the campaign was over before it was copied"
    return folder, out, int(seq)


def test_a_backup_of_a_running_campaign_goes_on_elsewhere_to_the_same_end(backed_up, tmp_path):
    folder, out, seq = backed_up
    copy = tmp_path / "deep" / "copy"
    said = toy.run(copy, "restore", out, copy)
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith(f"{copy}: back at event {seq}; start what runs")
    assert history.events(copy) == history.events(folder)[:seq]
    assert toy.run(copy, "run", copy).returncode == 0
    assert history.course(copy) == history.course(folder)


def test_put_back_over_a_damaged_campaign_nothing_is_paid_for_again(backed_up, tmp_path):
    finished, out, seq = backed_up
    folder = shutil.copytree(finished, tmp_path / "toy")
    for side in folder.glob("campaign.db-*"):
        side.unlink()
    torn = (folder / "campaign.db").read_bytes()[:5000]
    (folder / "campaign.db").write_bytes(torn)
    refused = toy.run(folder, "run", folder)
    assert refused.returncode == 2, "a campaign that lost its log began again"
    said = toy.run(folder, "restore", out, folder)
    assert said.returncode == 0, said.stderr
    (aside,) = re.findall(r"what was there is in (\S+);", said.stdout)
    assert (folder / aside / "campaign.db").read_bytes() == torn
    assert campaign(folder).seq == seq
    calculated = toy.witnessed(folder)
    assert toy.run(folder, "run", folder).returncode == 0
    assert history.course(folder) == history.course(finished)
    assert toy.witnessed(folder) == calculated, "a result that was there was calculated again"


def test_a_restore_that_is_killed_midway_leaves_the_old_log_whole(backed_up, tmp_path, monkeypatch):
    finished, out, _ = backed_up
    folder = shutil.copytree(finished, tmp_path / "toy")
    store = Store(folder)  # as long as it is open, SQLite keeps what is new in a file beside
    campaign_before = campaign(folder)
    with writing(store, campaign_before, campaign_before.time) as writer:
        writer.append(BudgetChanged(budget=99, by="ada", auth="local"))
    killed = shutil.copytree(folder, tmp_path / "killed")
    store.close()
    assert (killed / "campaign.db-wal").stat().st_size > 0
    put = backup._put_file

    def dies(path, here, aside):
        if here.name == "campaign.db":
            raise KeyboardInterrupt
        put(path, here, aside)

    monkeypatch.setattr(backup, "_put_file", dies)
    with pytest.raises(KeyboardInterrupt):
        backup.restore(out, killed)
    assert campaign(killed).seq == campaign_before.seq + 1


def test_a_job_folder_of_another_calculation_is_set_aside(backed_up, tmp_path):
    finished, out, _ = backed_up
    folder = shutil.copytree(finished, tmp_path / "toy")
    with zipfile.ZipFile(out) as archive:
        job = next(name for name in archive.namelist() if name.endswith("/input.json"))
    (folder / job).write_text("another")
    (aside,) = re.findall(r"there is in (\S+);", toy.run(folder, "restore", out, folder).stdout)
    assert (folder / aside / job).read_text() == "another"
    assert (folder / job).read_bytes() == (finished / job).read_bytes()


def not_a_zip(path):
    path.write_bytes(b"words")


def cut(path):
    path.write_bytes(path.read_bytes()[:-500])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)


def of_something_else(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("thesis.txt", "words")


def of_a_damaged_database(path):
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["campaign.db"] = files["campaign.db"][:4096] + bytes(len(files["campaign.db"]) - 4096)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (of_a_damaged_database, "toy.backup.zip is not a whole backup: the database in it is damaged; take"),
        (not_a_zip, "is not a whole backup"),
        (cut, "is not a whole backup"),
        (flip, "is not a whole backup"),
        (of_something_else, "holds no campaign: `deltadesk backup` did not make it"),
        (lambda path: path.unlink(), "there is no file"),
    ],
)
def test_what_is_no_whole_backup_is_refused_and_changes_nothing(backed_up, tmp_path, deltadesk, harm, words):
    out = shutil.copy(backed_up[1], tmp_path / "toy.backup.zip")
    harm(tmp_path / "toy.backup.zip")
    code, _, lines = deltadesk("restore", out, tmp_path / "new")
    assert (code, len(lines)) == (2, 1), lines
    assert words in lines[0]
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".deltadesk-*"))


def test_a_restore_takes_no_running_campaign_and_no_other_folder(backed_up, tmp_path, deltadesk):
    finished, out, _ = backed_up
    from engine.store import folder_lock

    folder = shutil.copytree(finished, tmp_path / "toy")
    before = (folder / "campaign.db").read_bytes()
    with folder_lock(folder / "runner.lock"):
        code, _, (line,) = deltadesk("restore", out, folder)
    assert code == 2
    assert "is run by another process" in line
    assert (folder / "campaign.db").read_bytes() == before
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "words.txt").touch()
    code, _, (line,) = deltadesk("restore", out, tmp_path / "thesis")
    assert code == 2
    assert "is taken by something that is no campaign" in line


def test_what_cannot_be_backed_up(backed_up, tmp_path, deltadesk):
    finished, out, _ = backed_up

    def refused(*words):
        code, _, lines = deltadesk("backup", *words)
        assert (code, len(lines)) == (2, 1)
        assert not list(tmp_path.rglob("*.zip"))
        return lines[0]

    assert "holds no campaign.toml" in refused(tmp_path, tmp_path / "a.zip")
    new = toys.make(tmp_path / "new", "auto")
    assert "holds no campaign.db" in refused(new, tmp_path / "a.zip")
    assert "exists: name another file, or replace it with --force" in refused(finished, out)
    damaged = shutil.copytree(finished, tmp_path / "damaged")
    with closing(sqlite3.connect(damaged / "campaign.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray((damaged / "campaign.db").read_bytes())
    content[20_000:30_000] = b"\x5a" * 10_000
    (damaged / "campaign.db").write_bytes(content)
    assert "campaign.db is damaged" in refused(damaged, tmp_path / "a.zip")


def test_without_a_name_a_backup_goes_beside_its_campaign(backed_up, tmp_path, deltadesk):
    folder = shutil.copytree(backed_up[0], tmp_path / "toy")
    code, out, _ = deltadesk("backup", folder)
    assert code == 0
    (written,) = tmp_path.glob("toy-*.backup.zip")
    assert str(written) in out
