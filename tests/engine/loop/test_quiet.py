"""Molecular dynamics that has nothing to propose ends its campaign, if it is asked to."""

from __future__ import annotations

import re
import subprocess

from engine.core import fold
from tests.support import history, toy

SEARCH = """[[search]]
name = "md"
trajectories = 2
frames = 3
steps = 2
test_frames = 3
novelty = 100.0
"""
STOP = "[stop]\nquiet = 9\n"


def test_a_campaign_that_meets_nothing_new_ends_with_its_budget_unspent(tmp_path):
    folder = toy.make(tmp_path / "toy", budget=5)
    path = folder / "campaign.toml"
    head, _, rest = path.read_text().partition("[[search]]")
    path.write_text(head + SEARCH + STOP + rest[rest.index("[selection]") :])
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
