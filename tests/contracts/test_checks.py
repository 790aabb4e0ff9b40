"""What every registered check must keep."""

import numpy as np
import pytest
from ase import Atoms

from engine import registry
from engine.config import ChecksSettings
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.relax import relax
from engine.protocols import Known
from tests.clusters import examined, random_clusters

NAMES = registry.names("checks")
SOUND = relax(random_clusters("Ag6", 1), ASECalculator("ase.calculators.emt:EMT", {})).structures[0]
WRONG = {
    "closest-pair": {"structure": Atoms("Ag2", [[0, 0, 0], [0, 0, 0.5]])},
    "duplicate": {"known": [Known("c-000001", 0.0, np.ones(3))]},
    "fragments": {"structure": Atoms("Ag2", [[0, 0, 0], [0, 0, 9.0]])},
    "largest-force": {"fmax": 40.0},
}


def look(name, structure=SOUND, **changes):
    check = registry.make("checks", name, ChecksSettings())
    return check(examined(structure, **{"features": np.ones(3), **changes}))


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_structure_passes(name):
    before = SOUND.copy()
    assert look(name) is None
    assert before == SOUND


@pytest.mark.parametrize("name", NAMES)
def test_what_it_is_for_is_flagged_under_its_name_with_a_reason_in_one_line(name):
    flag = look(name, **WRONG[name])
    assert flag.check == name
    assert flag.reason
    assert "\n" not in flag.reason
    assert look(name, **WRONG[name]) == flag


@pytest.mark.parametrize("name", NAMES)
def test_a_lone_atom_can_be_looked_at(name):
    assert look(name, Atoms("Ag", cell=[9, 9, 9])) is None
