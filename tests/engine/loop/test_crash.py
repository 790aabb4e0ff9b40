"""What lives on when a campaign is killed; tests/crash kills it at every named point."""

import json
import os
import signal
import subprocess

import psutil
import pytest

from engine.core import SettingsChanged, Status, fold
from tests.support import history, stored, toy
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Course of the toy campaign that nobody kills."""
    folder = toy.make(tmp_path_factory.mktemp("undisturbed") / "toy")
    done = toy.run(folder, "run", folder, "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["labels"], summary["failures"]) == (6, 0)
    return history.course(folder)


def assert_nothing_twice(folder, budget):
    starts, ends = toy.witnessed(folder)
    assert len(ends) == len(set(ends)) == budget, "a finished calculation was run again, or one is missing"
    assert set(history.labels(folder).values()) == {1}
    assert len(history.labels(folder)) == budget
    assert set(ends) <= set(starts)


def test_the_same_seed_gives_the_same_campaign(undisturbed, tmp_path):
    folder = toy.make(tmp_path / "again")
    assert toy.run(folder, "run", folder).returncode == 0
    assert history.course(folder) == undisturbed
    other = toy.make(tmp_path / "other", seed=2)
    assert toy.run(other, "run", other).returncode == 0
    assert history.course(other) != undisturbed


def start(folder, **extra):
    """Start a campaign in a process group of its own."""
    return subprocess.Popen(
        toy.command("run", folder),
        env=toy.environment(folder, **extra),
        start_new_session=True,
        preexec_fn=toy.listen_to_ctrl_c,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def campaign(folder):
    try:
        return fold(history.events(folder))
    except Exception:  # the database is being made
        return fold([])


def workers(process):
    return [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "popen_loky_posix" in " ".join(child.cmdline())  # and not loky's tracker of resources
    ]


@pytest.mark.parametrize("whole_group", [True, False])
def test_a_running_calculation_is_adopted_and_workers_end(tmp_path, whole_group):
    folder = toy.make(tmp_path / "toy", budget=3)
    hold = folder / "hold"
    hold.touch()
    server = start(folder, DELTADESK_WITNESS_HOLD=str(hold))
    wait_for(lambda: toy.witnessed(folder)[0])
    explorers = workers(server)
    assert explorers
    if whole_group:
        os.killpg(server.pid, signal.SIGKILL)
    else:
        os.kill(server.pid, signal.SIGKILL)
    server.wait()
    _, alive = psutil.wait_procs(explorers, timeout=5)
    assert not alive, "workers outlived their server"
    server = start(folder, DELTADESK_WITNESS_HOLD=str(hold))
    wait_for(lambda: workers(server) or campaign(folder).with_status(Status.SUBMITTED))
    hold.unlink()
    assert server.wait(timeout=60) == 0
    starts, _ = toy.witnessed(folder)
    assert len(starts) == 3, "the adopted calculation was started again"
    assert_nothing_twice(folder, budget=3)


def test_a_lost_calculation_is_tried_again(tmp_path):
    folder = toy.make(tmp_path / "toy", budget=3)
    hold = folder / "hold"
    hold.touch()
    server = start(folder, DELTADESK_WITNESS_HOLD=str(hold))
    wait_for(lambda: toy.witnessed(folder)[0])
    jobs = [p for p in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(p.info["cmdline"] or [])]
    for process in jobs:
        process.kill()  # server, launcher and job together: the machine went down
    server.wait()
    hold.unlink()
    done = toy.run(folder, "run", folder)
    assert done.returncode == 0, done.stderr
    assert_nothing_twice(folder, budget=3)
    attempts = [c.attempt for c in campaign(folder).candidates.values() if c.attempt]
    assert sorted(attempts) == [1, 1, 2]


def test_a_killed_worker_changes_nothing(undisturbed, tmp_path):
    folder = toy.make(tmp_path / "toy")
    server = start(folder)
    wait_for(lambda: workers(server))[0].kill()
    assert server.wait(timeout=60) == 0
    assert history.course(folder) == undisturbed


@pytest.mark.parametrize("point", ["inside:SettingsChanged:1", "after:SettingsChanged:1"])
def test_an_edit_of_the_settings_is_written_once(tmp_path, point):
    folder = stored.unpack(tmp_path / "toy")
    path = folder / "campaign.toml"
    assert "budget = 6" in path.read_text()
    path.write_text(path.read_text().replace("budget = 6", "budget = 2"))
    before = len(history.events(folder))
    assert toy.run(folder, "run", folder, DELTADESK_CRASH=point).returncode == -signal.SIGKILL
    assert len(history.events(folder)) == before + point.startswith("after")
    assert toy.run(folder, "run", folder).returncode == 0
    (change,) = [item.event for item in history.events(folder) if isinstance(item.event, SettingsChanged)]
    assert change.rules.budget == 2
    assert "budget" in " ".join(change.changed)
