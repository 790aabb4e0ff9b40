"""References that fail stop nothing, and say why."""

import json

import pytest

from engine.core import ReferenceFailed
from tests.support import history, toy


@pytest.mark.parametrize(
    ("reference", "failure", "words"),
    [
        ('failure = "raise"', "not-converged", "SCF did not converge in 3 cycles"),
        ('failure = "segfault"', "crashed", "ended without a result (signal SIGSEGV)"),
        ('failure = "no memory left"', "memory", "ended without a result (signal SIGKILL)"),
        ('failure = "nan"', "not-finite", "not a number"),
        ('failure = "memory"', "memory", "GB"),
        ('failure = "absurd"', "absurd", "more than largest_force = 100"),
        ('failure = "program"', "setup", "No such file or directory: 'no-such-program'"),
        ('failure = "deleted"', "lost", "-1 was deleted"),
        ("mood = 7", "setup", "mood"),
    ],
)
def test_a_failed_calculation_is_an_event_with_its_kind_and_log(tmp_path, reference, failure, words):
    folder = toy.make(tmp_path / "toy", reference=reference, budget=2)
    done = toy.run(folder, "run", folder, "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["labels"], summary["failures"], summary["state"]) == (0, 2, "finished")
    failures = [item.event for item in history.events(folder) if isinstance(item.event, ReferenceFailed)]
    assert {event.failure for event in failures} == {failure}
    assert all(words in event.log for event in failures)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("seconds = 600.0", "stopped after its limit of 1 s"),
        ('failure = "hang in C"', "ended without a result (signal SIGALRM)"),
    ],
)
def test_a_calculation_that_hangs_ends_at_its_limit(tmp_path, reference, words):
    folder = toy.make(tmp_path / "toy", reference=reference, time_limit=1.0, budget=1)
    done = toy.run(folder, "run", folder, "--json")
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["labels"], summary["failures"]) == (0, 1)
    (event,) = [item.event for item in history.events(folder) if isinstance(item.event, ReferenceFailed)]
    assert event.failure == "timeout"
    assert words in event.log
