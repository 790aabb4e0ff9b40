"""A watch that cannot see a jump is refused in one line."""

import re

import pytest

from engine.config import WATCH, WatchSettings, parse
from engine.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "frames = 15\n",
            "15 frames cannot show a level before and after a jump: with window = 10 at least 20",
        ),
        ("frames = -1\n", "watch.frames = -1: must be 0 or more"),
        ("threshold = 0\n", "watch.threshold = 0"),
        ("window = 1\n", "watch.window = 1"),
        ("signals = []\n", "watch.signals"),
        ('signals = ["energy"]\n', "watch.signals"),
        ("tolerance = nan\n", "watch.tolerance"),
        ("frame = 100\n", "did you mean 'frames'?"),
    ],
)
def test_what_shows_no_jump_is_told_in_one_line(text, words):
    with pytest.raises(ConfigError, match=re.escape(words)) as told:
        parse(f"[watch]\n{text}")
    assert "\n" not in str(told.value)


MD = """
[[search]]
name = "md"
length = 2
frames = 10
steps = 5
timestep = 8.0
[watch]
steps = 5
timestep = 4.0
frames = """


def test_a_watch_that_is_no_longer_than_the_trajectories_of_md_is_told_what_would_be():
    words = (
        "the watch follows trajectories for 0.8 ps, no longer than the 0.8 ps of md, where the labels come "
        "from: set [watch] frames to at least 41"
    )
    with pytest.raises(ConfigError, match=re.escape(words)) as told:
        parse(f"{MD}40\n")
    assert "\n" not in str(told.value)
    assert parse(f"{MD}41\n").watch.frames == 41
    assert parse(f"{MD}0\n").watch.frames == 0, "no watch"


def test_by_default_nothing_is_watched_and_frames_around_a_jump_are_not_relaxed():
    assert WatchSettings().frames == 0
    settings = parse("[watch]\nframes = 20\n")
    assert settings.checks_of(WATCH).largest_force == float("inf")
