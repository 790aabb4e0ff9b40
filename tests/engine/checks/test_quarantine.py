import numpy as np
import pytest

from engine.checks import quarantine
from engine.checks.quarantine import NEAR
from engine.config import ChecksSettings
from engine.protocols import Flag, Known

SETTINGS = ChecksSettings(duplicate_distance=0.01, duplicate_energy=0.1)
FAILED = [
    Known("c-000001", -10.0, np.array([1.0, 0.0])),
    Known("c-000002", -10.2, np.array([1.0, 0.02])),
    Known("c-000003", -50.0, np.array([1.0, 0.0])),
]


def look(energy, *features):
    return quarantine(energy, np.array(features), FAILED, SETTINGS)


def test_the_nearest_of_those_that_failed_is_named():
    assert look(-10.1, 1.0, 0.019) == Flag("quarantine", "like c-000002, whose reference calculation failed")
    assert look(-10.1, 1.0, 0.001).reason.startswith("like c-000001,")


@pytest.mark.parametrize(("part", "flagged"), [(0.99, True), (1.01, False)])
def test_farther_than_three_times_what_makes_a_duplicate_is_another_structure(part, flagged):
    away = part * NEAR * SETTINGS.duplicate_distance
    alone = [FAILED[0]]
    assert bool(quarantine(-10.0, np.array([1.0, away]), alone, SETTINGS)) == flagged
    higher = -10.0 + part * NEAR * SETTINGS.duplicate_energy
    assert bool(quarantine(higher, np.array([1.0, 0.0]), alone, SETTINGS)) == flagged


def test_nothing_is_like_none():
    assert quarantine(-10.0, np.array([1.0, 0.0]), [], SETTINGS) is None
