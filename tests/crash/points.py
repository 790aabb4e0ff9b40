"""Every named crash point there is, and where those are tested that the two campaigns do not pass."""

import re
from typing import get_args

from engine.core.events import Event
from tests.support.toy import REPOSITORY

_LITERAL = re.compile(r'crash_point\("([^"]+)"\)')

ELSEWHERE = {
    "inside:CandidateFollowed": "tests/engine/loop/test_rounds.py",
    "after:CandidateFollowed": "tests/engine/loop/test_rounds.py",
    "inside:ControlDrawn": "tests/engine/loop/test_control_sample.py",
    "after:ControlDrawn": "tests/engine/loop/test_control_sample.py",
    "inside:LabelsImported": "tests/engine/loop/test_pretraining.py",
    "after:LabelsImported": "tests/engine/loop/test_pretraining.py",
    "inside:SettingsChanged": "tests/engine/loop/test_crash.py",
    "after:SettingsChanged": "tests/engine/loop/test_crash.py",
    "properties-measured": "tests/engine/loop/test_pool_campaign.py",
    "model-watched": "tests/engine/loop/test_double_well.py",
    "features-written": "tests/engine/store/test_features.py",
}
"""Points of campaigns that have more than the two; each file kills one there, and looks at its end."""


def every():
    """Names of all: before and after the commit of every kind of event, and those written in the engine."""
    kinds = {kind.__name__ for kind in get_args(Event)}
    sources = (path.read_text() for path in (REPOSITORY / "engine").rglob("*.py"))
    return {f"{place}:{kind}" for kind in kinds for place in ("inside", "after")} | {
        name for text in sources for name in _LITERAL.findall(text)
    }


def unpassed(known):
    """Names of those that none of the traced campaigns passes, and no other test."""
    return every() - {point for campaign in known.values() for point in campaign.points} - set(ELSEWHERE)
