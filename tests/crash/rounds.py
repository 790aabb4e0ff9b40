"""One round: a toy campaign is started, killed, started again, and examined."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass

import psutil

from engine.crashpoints import TRACE, VARIABLE
from tests.crash import toys
from tests.crash.witnesses import Verdict, examine
from tests.support import history, toy

PATIENCE = 180.0  # s until a campaign of seconds counts as one that hangs
ENDS_WITHIN = 10.0  # s in which everything that a campaign started is gone once it is finished
KILLED = -signal.SIGKILL
TRACE_FILE, SERVER = "trace.txt", "server.txt"
JOB = "job-"
"""How the points begin that a reference calculation's own process passes."""


@dataclass(frozen=True)
class Kill:
    """When a campaign of this kind is killed: at the n-th passing of a point, or after a time (s)."""

    kind: str
    point: str = ""
    nth: int = 0
    after: float = 0.0
    whole_group: bool = False

    @property
    def words(self):
        """As it is written in the table of figures."""
        if self.point:
            return f"{self.kind} at {self.point}:{self.nth}"
        return (
            f"{self.kind} after {self.after:.2f} s, {'whole group' if self.whole_group else 'runner alone'}"
        )


@dataclass
class Round:
    """What came of one: whether the kill hit, and the time from the restart, if any, to the end (s)."""

    kill: Kill
    hit: bool
    seconds: float | None
    verdict: Verdict


@dataclass
class Undisturbed:
    """A campaign that nobody killed: points passed, how long it took (s), and its course."""

    points: Counter
    seconds: float
    course: list


def undisturbed(folder, kind):
    """Run a campaign to its end and remember it."""
    started = time.monotonic()
    codes, _ = _play(toys.make(folder, kind), kind, {TRACE: str(folder / TRACE_FILE)})
    seconds = time.monotonic() - started
    verdict = examine(folder, job_was_killed=False)
    assert codes == [0], f"{folder} ended with {codes}: {(folder / SERVER).read_text()}"
    assert not verdict.broken, verdict.broken
    return Undisturbed(Counter(_passed(folder)), seconds, history.course(folder))


def play(folder, kill, course):
    """Kill a campaign, let it go on, and hold the end against the undisturbed `course`."""
    toys.make(folder, kill.kind)
    environment = (
        {TRACE: str(folder / TRACE_FILE), VARIABLE: f"{kill.point}:{kill.nth}"} if kill.point else {}
    )
    codes, seconds = _play(folder, kill.kind, environment, kill)
    at_job = kill.point.startswith(JOB)
    hit = _passed(folder).count(kill.point) >= kill.nth if at_job else codes[0] == KILLED
    verdict = examine(folder, job_was_killed=at_job)
    if kill.point and not hit:
        verdict.broken.append("it never came there, and was not killed")
    if codes[-1] != 0:
        verdict.broken.append(f"started again, it ended with exit code {codes[-1]}")
    if kill.kind == "auto" and not at_job and history.course(folder) != course:
        verdict.broken.append("its course is not that of the undisturbed campaign")
    verdict.broken += [f"still there: {name}" for name in _left_over(folder)]
    return Round(kill, hit, seconds, verdict)


def _play(folder, kind, environment, kill=None):
    """Exit codes of its starts, and the time from a second one to the end (s)."""
    seconds = None
    client = multiprocessing.get_context("fork").Process(target=toys.person, args=(folder,))
    if kind == "person":
        client.start()
    try:
        server = _start(folder, environment)
        if kill and not kill.point:
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(timeout=kill.after)
            if server.poll() is None:
                (os.killpg if kill.whole_group else os.kill)(server.pid, signal.SIGKILL)
        codes = [_end(server)]
        if codes[-1] == KILLED:
            restarted = time.monotonic()
            codes.append(_end(_start(folder, {})))
            seconds = time.monotonic() - restarted
        if client.is_alive():
            client.join(timeout=PATIENCE)
    finally:
        if client.is_alive():
            client.kill()
    return codes, seconds


def _start(folder, environment):
    with (folder / SERVER).open("a") as out:
        return subprocess.Popen(
            toy.command("run", folder),
            env=toy.environment(folder, **environment),
            start_new_session=True,
            stdout=out,
            stderr=subprocess.STDOUT,
        )


def _end(server):
    try:
        return server.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        return f"none within {PATIENCE:g} s"


def _passed(folder):
    path = folder / TRACE_FILE
    return path.read_text().split() if path.exists() else []


def _left_over(folder):
    """Commands of the campaign's processes that outlive it; they are ended."""
    witness = toy.environment(folder)["DELTADESK_WITNESS"]
    deadline = time.monotonic() + ENDS_WITHIN
    while alive := [one for one in psutil.process_iter() if _witness_of(one) == witness]:
        if time.monotonic() > deadline:
            names = [" ".join(one.cmdline()) for one in alive]
            for one in alive:
                one.kill()
            return names
        time.sleep(0.1)
    return []


def _witness_of(process):
    try:
        return process.environ().get("DELTADESK_WITNESS")
    except psutil.Error:
        return None
