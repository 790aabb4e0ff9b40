"""A pool's features on disk: what was appended is read, and a kill in between costs the last chunk alone."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from engine.errors import CampaignError, StorageError
from engine.store.features import ENDS, ROWS, FeatureFile
from tests.support.toy import REPOSITORY

WHAT = {"name": "acsf", "r_cut": 6.0}

KILLED = """
import numpy as np, sys
from pathlib import Path
from engine.store.features import FeatureFile
file = FeatureFile(Path(sys.argv[1]), {"name": "acsf", "r_cut": 6.0}, 3)
file.append([np.full((4, 3), 1.0), np.full((2, 3), 2.0)])
file.append([np.full((5, 3), 3.0)])
"""


def blocks(count, seed=0, width=3):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((rng.integers(1, 9), width)) for _ in range(count)]


def assert_holds(file, expected):
    assert len(file) == len(expected)
    assert file.counts.tolist() == [len(block) for block in expected]
    for size in (1, 3, 100):
        read = list(file.chunks(size))
        assert [chunk.first for chunk in read] == list(range(0, len(expected), size))
        rows = np.concatenate([chunk.rows for chunk in read])
        np.testing.assert_array_equal(rows, np.concatenate(expected).astype(np.float32))
        np.testing.assert_array_equal(np.concatenate([chunk.counts for chunk in read]), file.counts)


def test_what_was_appended_in_chunks_is_read_in_others(tmp_path):
    file = FeatureFile(tmp_path / "features", WHAT, 3)
    assert (len(file), list(file.chunks(5)), len(file.chunk(0, 4).rows)) == (0, [], 0)
    first, second = blocks(7), blocks(5, seed=1)
    file.append(first)
    file.append([])
    file.append(second)
    assert_holds(file, first + second)
    again = FeatureFile(tmp_path / "features", WHAT, 3)
    assert_holds(again, first + second)
    again.append(first)
    assert_holds(FeatureFile(tmp_path / "features", WHAT, 3), first + second + first)
    np.testing.assert_array_equal(again.chunk(8, 9).rows, second[1].astype(np.float32))


def test_a_kill_between_rows_and_ends_leaves_what_was_counted(tmp_path):
    folder = tmp_path / "features"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, folder],
        env={**os.environ, "DELTADESK_CRASH": "features-written:2"},
        cwd=REPOSITORY,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert (folder / ROWS).stat().st_size == 11 * 3 * 4, "the kill came before the rows were written"
    kept = [np.full((4, 3), 1.0), np.full((2, 3), 2.0)]
    file = FeatureFile(folder, WHAT, 3)
    assert_holds(file, kept)
    fresh = blocks(2)
    file.append(fresh)
    assert_holds(FeatureFile(folder, WHAT, 3), kept + fresh)


@pytest.mark.parametrize(
    "tail", [b"\1\2\3", bytes(16), (10**6).to_bytes(8, "little")], ids=["torn", "zeros", "far"]
)
def test_a_tail_that_counts_nothing_is_ignored_and_written_over(tmp_path, tail):
    file = FeatureFile(tmp_path, WHAT, 3)
    kept, fresh = blocks(3), blocks(2, seed=1)
    file.append(kept)
    for name in (ENDS, ROWS):
        with (tmp_path / name).open("ab") as stream:
            stream.write(tail)
    file = FeatureFile(tmp_path, WHAT, 3)
    assert_holds(file, kept)
    file.append(fresh)
    assert_holds(FeatureFile(tmp_path, WHAT, 3), kept + fresh)


def test_features_of_another_descriptor_are_not_taken_for_ones_own(tmp_path):
    FeatureFile(tmp_path, WHAT, 3).append(blocks(2))
    for what, width in (({**WHAT, "r_cut": 5.0}, 3), (WHAT, 4)):
        with pytest.raises(CampaignError, match="features of another descriptor"):
            FeatureFile(tmp_path, what, width)


def test_features_that_cannot_be_used_are_refused_and_nothing_is_added(tmp_path):
    file = FeatureFile(tmp_path, WHAT, 3)
    with pytest.raises(ValueError, match=r"\(n_atoms, 3\), got \(2, 4\)"):
        file.append([*blocks(1), np.zeros((2, 4))])
    with pytest.raises(ValueError, match="not finite"):
        file.append([np.array([[0.0, np.nan, 0.0]])])
    with pytest.raises(ValueError, match="too large for float32"):
        file.append([np.array([[0.0, 1e60, 0.0]])])
    assert len(FeatureFile(tmp_path, WHAT, 3)) == 0


def test_a_folder_that_cannot_be_used_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be read or written: File exists"):
        FeatureFile(tmp_path / "file", WHAT, 3)
