"""Several people decide at once, in real sessions: the short form of ``python -m tests.crowd``."""

import numpy as np

from tests import crowd
from tests.support import large


def test_nothing_is_lost_or_reordered_and_every_loser_is_told(tmp_path):
    said, wrong = crowd.run(tmp_path, n_people=4, n_candidates=30)
    assert wrong == [], said


def test_a_broken_promise_would_be_found(tmp_path):
    """The judge, on a log that holds nothing of what was pressed."""
    people = crowd.crowd(3, ["c-000001", "c-000002"], np.random.default_rng(0))
    folder = large.make(tmp_path / "queue", 2)
    wrong = crowd.problems(folder, people)
    presses = sum(len(person.plan) for person in people)
    assert sum("is in no log" in line for line in wrong) == presses
    assert sum("still undecided" in line for line in wrong) == 2
