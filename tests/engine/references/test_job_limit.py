"""A calculation at its limit of time: one result, and nothing that it started runs on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ase.build import molecule

from engine.config import ReferenceSettings
from engine.references.folder import JobInput, read_result, write_input
from tests.support import toy

EMT = ReferenceSettings(name="ase", calculator="ase.calculators.emt:EMT", time_limit=1.0)
JOB = JobInput.of("c-000001", 1, molecule("N2"), EMT)
PROLOGUE = """
import errno, os, subprocess, sys, threading, time
from pathlib import Path
from engine.references import job
folder, write = Path(sys.argv[1]), job.write_result
"""


def run(folder, script):
    """Run a job in a process that this script changes first; how it ended."""
    script = f"{PROLOGUE}{script}\njob.main(folder)"
    environment = {**os.environ, "PYTHONPATH": str(toy.REPOSITORY)}
    return subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        env=environment,
        start_new_session=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[0] == "Z"


def test_at_its_limit_all_that_a_job_started_ends_also_on_a_full_disk(tmp_path):
    write_input(tmp_path, JOB)
    run(
        tmp_path,
        """
child = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
(folder / "child").write_text(str(child.pid))
def full(*_):
    raise OSError(errno.ENOSPC, "no space left on device")
job.write_result = full
job.calculate = lambda _: time.sleep(600)
""",
    )
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 5
    while not is_gone(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    gone = is_gone(child)
    if not gone:
        os.kill(child, signal.SIGKILL)
    assert gone
    assert read_result(tmp_path) is None


def test_of_a_job_and_its_limit_the_first_alone_writes_the_result(tmp_path):
    write_input(tmp_path, JOB)
    done = run(
        tmp_path,
        """
late = threading.Event()
def slow(folder, result):
    with (folder / "writes").open("a") as file:
        file.write(f"{result.failure or 'label'} ")
    late.set()
    time.sleep(1.0)
    write(folder, result)
job.write_result = slow
def calculate(_):
    late.wait()
    return job.JobResult(energy=-1.0, forces=[[0.0, 0.0, 0.0]])
job.calculate = calculate
""",
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (tmp_path / "writes").read_text().split() == ["timeout"]
    assert read_result(tmp_path).failure == "timeout"


def test_a_finished_calculation_waits_for_room_beyond_its_limit_of_time(tmp_path):
    write_input(tmp_path, JOB)
    done = run(
        tmp_path,
        """
job.GRACE = 0.5
began = time.monotonic()
def full_at_first(folder, result):
    if time.monotonic() < began + 3.0:
        raise OSError(errno.ENOSPC, "no space left on device")
    write(folder, result)
job.write_result = full_at_first
job.calculate = lambda _: job.JobResult(energy=-1.0, forces=[[0.0, 0.0, 0.0]])
""",
    )
    assert done.returncode == 0, done.stderr
    assert read_result(tmp_path).energy == -1.0


def test_a_limit_of_the_machine_below_the_campaign_s_is_kept(tmp_path):
    """`ulimit -Hv` of a login node: whoever is not root may not raise it."""
    write_input(tmp_path, JOB)
    done = run(
        tmp_path,
        """
import resource
own = 7_000_000_000
def limited(kind, limits):
    assert limits == (own, own), limits
    (folder / "asked").touch()
resource.getrlimit, resource.setrlimit = lambda _: (own, own), limited
""",
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked").exists()
    assert read_result(tmp_path).failure == ""
