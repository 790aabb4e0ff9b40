"""Molecular dynamics that has nothing to propose ends its campaign, if it is asked to."""

from __future__ import annotations

import re
import subprocess

import pytest

from engine.config import load
from engine.core import RunControlled, fold
from engine.loop.opening import opening_events
from engine.loop.task_desk import TaskDesk
from engine.loop.writer import writing
from engine.store import Store
from tests.support import history, toy
from tests.support.here import Here

SEARCH = """[[search]]
name = "md"
trajectories = 2
frames = 3
steps = 2
test_frames = 3
novelty = 100.0
"""
STOP = "[stop]\nquiet = 9\n"


class Desk:
    """A campaign whose steps are taken by hand, until its process dies."""

    def __init__(self, folder):
        self.folder, self.settings, self.store = folder, load(folder), Store.create(folder)
        self.desk = self.after_a_kill()
        self.say("start")

    @property
    def campaign(self):
        return fold(self.store.events())

    def after_a_kill(self):
        return TaskDesk(self.folder, self.settings, Here(), lambda: None)

    def say(self, action):
        with writing(self.store, self.campaign, 1.0) as writer:
            for event in opening_events(writer.campaign, self.settings):
                writer.append(event)
            writer.append(RunControlled(action=action, by="ada", auth="local"))

    def counted(self):
        """By this desk, and by one that begins now."""
        return tuple(one.quiet(self.store, self.campaign) for one in (self.desk, self.after_a_kill()))

    def until(self, enough):
        """Take steps until so many frames are counted, by both at each."""
        frames = 0
        for _ in range(20):
            self.desk.start(self.store, self.campaign)
            with writing(self.store, self.campaign, 2.0) as writer:
                self.desk.collect(writer)
            frames, anew = self.counted()
            assert frames == anew
            if frames >= enough:
                break
        return frames


def quiet_folder(folder):
    toy.make(folder, budget=5)
    path = folder / "campaign.toml"
    head, _, rest = path.read_text().partition("[[search]]")
    path.write_text(head + SEARCH + STOP + rest[rest.index("[selection]") :])
    return folder


@pytest.fixture
def begun(tmp_path):
    desk = Desk(quiet_folder(tmp_path / "toy"))
    yield desk
    desk.store.close()


def test_who_goes_on_after_a_kill_counts_on_and_a_new_start_counts_anew(begun):
    assert begun.counted() == (0, 0)
    frames = begun.until(6)
    assert frames >= 6
    begun.desk = begun.after_a_kill()
    assert begun.counted() == (frames, frames)
    assert 0 < begun.until(frames + 1) - frames <= 2 * 3  # of one step
    for action in ("finish", "start"):
        begun.say(action)
    assert begun.counted() == (0, 0)
    assert 0 < begun.until(1) <= 2 * 3


def test_a_killed_campaign_that_had_met_enough_ends_as_it_would_have(begun):
    assert begun.counted() == (0, 0)
    frames = begun.until(9)
    taken = begun.store.count_steps(0)
    done = toy.run(begun.folder, "run", begun.folder)
    assert done.returncode == 0, done.stderr
    said = f"molecular dynamics judged {frames} frames in m-0000 and proposed none"
    assert (begun.campaign.state, begun.campaign.state_reason) == ("finished", said)
    assert begun.store.count_steps(0) == taken


def test_a_campaign_that_meets_nothing_new_ends_with_its_budget_unspent(tmp_path):
    folder = quiet_folder(tmp_path / "toy")
    command = toy.command("run", folder)
    done = subprocess.run(
        command, env=toy.environment(folder), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    campaign = fold(history.events(folder))
    assert campaign.state == "finished"
    assert (campaign.spent, campaign.left, list(campaign.candidates)) == (0, 5, [])
    said = re.fullmatch(
        r"molecular dynamics judged (\d+) frames in m-0000 and proposed none", campaign.state_reason
    )
    assert said
    assert 9 <= int(said[1]) < 9 + 2 * 6
