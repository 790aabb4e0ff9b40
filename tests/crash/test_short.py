"""The short form of ``python -m tests.crash``: some of its kills in every run of the tests."""

import shutil
from collections import Counter

import pytest

from tests.crash.harness import at_points, rounds
from tests.crash.rounds import Undisturbed
from tests.crash.toys import DECISIONS
from tests.crash.witnesses import examine


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Folder of the rounds, and what came of each."""
    folder = tmp_path_factory.mktemp("crash") / "rounds"
    count, results = rounds(folder, n_points=2, n_random=2, seed=1)
    done = list(results)
    assert len(done) == count == 4
    return folder, done


def test_killed_anywhere_a_campaign_loses_nothing_and_does_nothing_twice(killed):
    _, done = killed
    assert [words for one in done for words in one.verdict.broken] == []
    assert all(one.hit for one in done if one.kill.point)


def lose_a_decision(folder):
    with (folder / DECISIONS).open("a") as file:
        file.write("acknowledged c-999999 approve\n")


def forget_a_question(folder):
    path = folder / DECISIONS
    path.write_text(path.read_text().replace("asked", "acknowledged"))


def calculate_again(folder):
    path = folder / "witness.txt"
    path.write_text(path.read_text() + path.read_text())


def lose_a_label(folder):
    label = min(path for path in folder.glob("references/*") if '"energy":null' not in result(path))
    shutil.copytree(label, label.with_name("c-999999-1"))


def result(folder):
    return (folder / "result.json").read_text()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lose_a_decision, "c-999999 CandidateApproved was acknowledged and is lost"),
        (forget_a_question, "was applied more often than asked"),
        (calculate_again, "were completed twice"),
        (lose_a_label, "c-999999"),
    ],
)
def test_the_witnesses_see_what_is_broken(killed, tmp_path, harm, words):
    folder = shutil.copytree(killed[0] / "person", tmp_path / "harmed")
    assert not examine(folder, job_was_killed=False).broken
    harm(folder)
    assert words in "\n".join(examine(folder, job_was_killed=False).broken)


def test_it_is_killed_at_each_of_the_first_passings_of_each_point():
    traced = {
        "auto": Undisturbed(Counter({"collected": 5, "job-locked": 5}), 1.0, []),
        "person": Undisturbed(Counter({"job-locked": 2}), 1.0, []),
    }
    assert [kill.words for kill in at_points(traced)] == [
        *(f"auto at collected:{n}" for n in (1, 2, 3)),
        *(f"person at job-locked:{n}" for n in (1, 2)),
    ]
