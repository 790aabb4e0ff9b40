"""A whole study on EMT, killed and taken up again; and what its report says of outcomes made up by hand."""

import csv
import json
import re
import signal
import subprocess
from itertools import product

import pytest

from engine.errors import ConfigError
from engine.study import Outcome, Reached, outcomes, read_protocol, summary, verdicts, write_report
from engine.study.report import OUTCOMES, curves, page
from tests.support import history, toy

PROTOCOL = """
name = "Cu3Ag2 in EMT"
template = "ag6s3"
budget = 2
restarts = 2
dE = 0.5
baseline = "random-search"
[settings.system]
composition = "Cu3Ag2"
cell = [14.0, 14.0, 14.0]
confinement = 8.0
[settings.potential]
name = "ase"
calculator = "ase.calculators.lj:LennardJones"
settings = { sigma = 2.3, epsilon = 0.4, rc = 6.0, smooth = true }
[settings.selection]
batch = 2
cold_start = 2
refit_every = 2
[settings.reference]
name = "emt"
[[arm]]
name = "rex"
[[arm.settings.search]]
name = "replica-exchange"
walkers = 3
steps = 20
[[arm]]
name = "random-search"
[[arm.settings.search]]
name = "random-search"
structures = 4
steps = 20
"""


def written(folder, text=PROTOCOL):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "protocol.toml"
    path.write_text(text)
    return path


def study(protocol, folder, **extra):
    return subprocess.run(
        toy.command("study", protocol, folder, "--json"),
        env=toy.environment(folder, **extra),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def table(folder):
    """Outcomes without the seconds, which no seed decides."""
    with (folder / OUTCOMES).open() as file:
        return [{k: v for k, v in row.items() if k != "core_seconds"} for row in csv.DictReader(file)]


def test_a_study_that_was_killed_goes_on_to_the_same_outcomes(tmp_path):
    protocol, whole, killed = written(tmp_path), tmp_path / "whole", tmp_path / "killed"
    done = study(protocol, whole)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert {arm: one["restarts"] for arm, one in said["arms"].items()} == {"rex": 2, "random-search": 2}
    assert sum(one["succeeded"] for one in said["arms"].values()) >= 1, "the best known minimum is one's own"
    rows = table(whole)
    assert min(float(row["best_eV"]) for row in rows) == pytest.approx(said["best_known_eV"])
    assert {row["labels"] for row in rows} <= {"1", "2"}
    assert {p.name for p in whole.iterdir()} >= {"outcomes.csv", "curves.svg", "result.md", "protocol.json"}

    assert study(protocol, killed, DELTADESK_CRASH="after:ReferenceCompleted:3").returncode == -signal.SIGKILL
    asked = read_protocol(protocol)
    found, best = outcomes(asked, killed)
    assert len(found) == 1
    write_report(asked, found, best, killed)
    assert "unfinished: 1 of 4 restarts" in (killed / "result.md").read_text()
    before = history.events(killed / "rex" / "seed-0001")
    done = study(protocol, killed)
    assert done.returncode == 0, done.stderr
    assert table(killed) == rows
    assert history.events(killed / "rex" / "seed-0001") == before, "a finished restart was run again"
    for arm, seed in product(("rex", "random-search"), (1, 2)):
        place = f"{arm}/seed-{seed:04d}"
        assert history.course(killed / place) == history.course(whole / place)

    other = written(tmp_path / "other", PROTOCOL.replace("dE = 0.5", "dE = 0.1"))
    refused = study(other, killed)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "holds a study of another protocol" in refused.stderr


@pytest.mark.parametrize(
    ("old", "new", "pattern"),
    [
        ('baseline = "random-search"', 'baseline = "gofee"', "no arm is called 'gofee', the baseline"),
        ("restarts = 2", "restart = 2", "unknown setting 'restart'; known: name, template"),
        ("budget = 2", "budget = 0", "budget: must be 1 or more, got 0"),
        ("budget = 2\n", "", "'budget' is missing"),
        ('name = "rex"', 'name = "random-search"', "each arm has a name of its own"),
        ('name = "rex"', 'name = "../rex"', r"arm.0.name: has the wrong form"),
        ('"replica-exchange"', '"replica"', "arm 'rex': .*setting 'walkers' belongs to none of deltadesk"),
        ('template = "ag6s3"', 'template = "ag3"', "no template is called 'ag3'"),
        ('name = "emt"', 'name = "vasp"', "no reference is called 'vasp'"),
        ("budget = 2", "budget = ", "is not valid TOML"),
    ],
)
def test_a_protocol_that_cannot_be_run_is_refused_in_one_line(tmp_path, old, new, pattern):
    assert old in PROTOCOL
    with pytest.raises(ConfigError, match=pattern):
        read_protocol(written(tmp_path, PROTOCOL.replace(old, new)))


def test_a_file_that_is_no_protocol_is_refused_in_one_line(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_protocol(tmp_path / "nothing.toml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_protocol(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\x7fELF\x00\xff" * 50)
    with pytest.raises(ConfigError, match="is not valid TOML"):
        read_protocol(tmp_path / "binary.toml")
    with pytest.raises(ConfigError, match="'name' is missing"):
        read_protocol(written(tmp_path, ""))


@pytest.fixture
def asked(tmp_path):
    text = PROTOCOL.replace("restarts = 2", "restarts = 12").replace("budget = 2", "budget = 40")
    return read_protocol(written(tmp_path, text))


def outcome(arm, seed, labels):
    """A restart that succeeded after so many labels, or None: it was ended after 40."""
    end = Reached("c-000040", -5.0, 40, 80.0, 30)
    reached = None if labels is None else Reached("c-000001", -5.0, labels, 2.0 * labels, labels)
    return Outcome(arm, seed, reached, end, None if labels is None else seed % 2 == 0)


def test_what_is_clear_is_decided_and_what_is_not_is_not(asked):
    slow = [outcome("random-search", k, None if k % 2 else 30 + k) for k in range(12)]
    (clear,) = verdicts(asked, [*slow, *(outcome("rex", k, 5 + k) for k in range(12))])
    assert clear.words == "sooner than random-search"
    assert clear.p < 1e-4
    (same,) = verdicts(asked, [*slow, *(outcome("rex", k, None if k % 2 else 29 + k) for k in range(12))])
    assert same.words == "not decidable against random-search at n = 12"
    (later,) = verdicts(
        asked,
        [outcome(o.arm, o.seed, 5 + o.seed) for o in slow] + [outcome("rex", k, None) for k in range(12)],
    )
    assert later.words == "later than random-search"


def test_the_direction_is_that_of_all_that_is_known_of_the_two(asked):
    quick = [outcome("rex", k, 30) for k in range(12)]  # all of them, later than the few below
    few = [outcome("random-search", k, 10 if k < 2 else None) for k in range(12)]
    (clear,) = verdicts(asked, [*few, *quick])
    assert clear.words == "sooner than random-search"
    assert clear.p < 1e-2


def test_the_page_and_the_summary_give_medians_on_every_axis(asked):
    found = [outcome("random-search", k, None) for k in range(12)]
    found += [outcome("rex", k, 5 + k) for k in range(12)]
    said = summary(asked, found, -5.0)["arms"]
    assert (said["rex"]["median_labels"], said["rex"]["median_core_seconds"]) == (10, 20)
    assert said["rex"]["same_basin"] == 6
    assert said["random-search"] == {
        "restarts": 12,
        "succeeded": 0,
        "gave_up": 0,
        "same_basin": 0,
        "median_labels": None,
        "median_core_seconds": None,
        "median_steps": None,
    }
    text = page(asked, found, -5.0)
    assert re.search(r"\| rex \| 12 \| 12 \| 0 \| 6 \| 10 \[\d+, \d+\] \| 20 \[", text)
    assert "| random-search | 12 | 0 | 0 | 0 | – [–, –] |" in text
    assert "sooner than random-search" in text


def test_a_study_without_a_finished_restart_has_a_page_without_curves(asked, tmp_path):
    found, best = outcomes(asked, tmp_path)
    assert (found, best) == ([], None)
    text = write_report(asked, found, best, tmp_path).read_text()
    assert "unfinished: 0 of 24 restarts" in text
    assert not (tmp_path / "curves.svg").exists()


def test_who_gave_up_counts_as_one_that_never_succeeds():
    """Taken out when it gave up, half of the restarts would make the other half all there is."""
    early = Reached("c-000009", -4.0, 4, 5.0, 3)
    found = [outcome("rex", k, 10) for k in range(3)]
    found += [Outcome("rex", 3 + k, None, early, None, gave_up=True) for k in range(5)]
    curve = curves([*found, outcome("random-search", 1, None)], "labels")["rex"]
    assert curve.fraction[-1] == pytest.approx(3 / 8)
    assert (curve.median, curve.cost[-1]) == (None, 40)
