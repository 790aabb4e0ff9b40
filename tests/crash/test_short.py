"""The short form of ``python -m tests.crash``: some of its kills in every run of the tests."""

import random
import shutil
from collections import Counter
from datetime import date

import pytest

from tests.crash.harness import at_points, at_random, rounds, traced
from tests.crash.points import ELSEWHERE, unpassed
from tests.crash.rounds import Kill, Undisturbed, play
from tests.crash.toys import DECISIONS
from tests.crash.witnesses import examine
from tests.support.toy import REPOSITORY

MONEY = [
    Kill("auto", "after-submit", 1),
    Kill("auto", "collected", 2),
    Kill("auto", "inside:ReferenceCompleted", 1),
    Kill("person", "job-after-result", 1),
]
"""Where a calculation that is paid for could be lost, or paid for twice."""


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Folder of both campaigns, and how they go where nobody kills them."""
    folder = tmp_path_factory.mktemp("crash") / "rounds"
    return folder, traced(folder)


def test_killed_anywhere_a_campaign_loses_nothing_and_does_nothing_twice(known):
    folder, campaigns = known
    seed = date.today().toordinal()
    print(f"random kills of seed {seed}")  # another pair every day: a failure names its kills too
    assert set(MONEY) <= set(at_points(campaigns))
    kills = MONEY + at_random(campaigns, 2, random.Random(seed))
    done = list(rounds(folder, campaigns, kills, jobs=2))  # a round is mostly waiting for Python to start
    assert len(done) == len(kills)
    assert [words for one in done for words in one.verdict.broken] == []


def test_every_named_point_is_passed_by_a_campaign_or_killed_by_another_test(known):
    _, campaigns = known
    assert unpassed(campaigns) == set()
    for point, file in ELSEWHERE.items():
        assert f"{point}:" in (REPOSITORY / file).read_text()
    assert not any(point in one.points for one in campaigns.values() for point in ELSEWHERE)


def test_a_named_kill_that_does_not_hit_is_broken(known, tmp_path, monkeypatch):
    folder, campaigns = known

    def as_before(into, kind, *_):
        shutil.copytree(folder / kind, into, dirs_exist_ok=True)
        return [0], None

    monkeypatch.setattr("tests.crash.rounds._play", as_before)
    done = play(tmp_path / "round", Kill("auto", "collected", 99), campaigns["auto"].course)
    assert not done.hit
    assert done.verdict.broken == ["it never came there, and was not killed"]


def lose_a_decision(folder):
    with (folder / DECISIONS).open("a") as file:
        file.write("acknowledged c-999999 approve\n")


def forget_a_question(folder):
    path = folder / DECISIONS
    path.write_text(path.read_text().replace("asked", "acknowledged"))


def grant_what_was_refused(folder):
    path = folder / DECISIONS
    path.write_text(path.read_text().replace("acknowledged - raise", "refused - raise"))


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
        (forget_a_question, "CandidateDeferred was applied more often than asked"),
        (grant_what_was_refused, "- BudgetChanged was applied more often than asked"),
        (calculate_again, "were completed twice"),
        (lose_a_label, "c-999999"),
    ],
)
def test_the_witnesses_see_what_is_broken(known, tmp_path, harm, words):
    folder = shutil.copytree(known[0] / "person", tmp_path / "harmed")
    assert not examine(folder, job_was_killed=False).broken
    harm(folder)
    assert words in "\n".join(examine(folder, job_was_killed=False).broken)


def test_it_is_killed_at_each_of_the_first_passings_of_each_point():
    traced = {
        "auto": Undisturbed(Counter({"collected": 5, "job-locked": 5}), 1.0, []),
        "person": Undisturbed(Counter({"job-locked": 2, "before-kill": 2}), 1.0, []),
    }
    assert [kill.words for kill in at_points(traced)] == [
        *(f"auto at collected:{n}" for n in (1, 2, 3)),
        "person at before-kill:1",
        *(f"person at job-locked:{n}" for n in (1, 2)),
    ]
