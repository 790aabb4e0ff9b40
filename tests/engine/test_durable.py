"""A file is replaced at once or not at all."""

import errno
import os

import pytest

from engine.durable import replace, replace_text


def full(_descriptor):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_the_new_is_there_and_nothing_else(tmp_path):
    path = tmp_path / "kept.txt"
    replace_text(path, "old")
    replace_text(path, "Å")
    assert path.read_text(encoding="utf-8") == "Å"
    assert list(tmp_path.iterdir()) == [path]


def test_where_the_disk_is_full_the_old_stays(tmp_path, monkeypatch):
    path = tmp_path / "kept.txt"
    replace_text(path, "old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_who_breaks_off_in_the_middle_leaves_the_old(tmp_path):
    path = tmp_path / "kept.txt"
    replace_text(path, "old")

    def breaks(file):
        file.write(b"ne")
        raise KeyError("mood")

    with pytest.raises(KeyError):
        replace(path, breaks)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
