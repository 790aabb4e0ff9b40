"""The stress of a label: asked where it means something, and never at the cost of the label."""

import numpy as np
import pytest
from ase.build import bulk

from engine.config import ReferenceSettings
from engine.potentials.silicon import Silicon
from engine.references.folder import JobInput
from engine.references.job import calculate

SILICON = bulk("Si", a=5.3, cubic=True)
SILICON.positions[0] += [0.1, 0.0, 0.05]


def label(structure, **settings):
    settings = ReferenceSettings(name="stillinger-weber", **settings)
    return calculate(JobInput.of("c-000001", 1, structure, settings))


def test_a_crystal_has_one_and_a_slab_or_who_asks_for_none_has_none():
    np.testing.assert_allclose(label(SILICON).stress, Silicon("stillinger-weber").get_stress(SILICON))
    slab = SILICON.copy()
    slab.pbc = (True, True, False)
    assert label(slab).stress is None
    assert label(SILICON, stress=False).stress is None


@pytest.mark.parametrize("stress", [np.full(6, np.nan), np.zeros((2, 2)), RuntimeError("out of memory")])
def test_a_stress_that_fails_leaves_the_label(monkeypatch, stress):
    def get_stress(self, atoms=None):
        if isinstance(stress, Exception):
            raise stress
        return stress

    monkeypatch.setattr(Silicon, "get_stress", get_stress)
    found = label(SILICON)
    assert found.stress is None
    assert found.energy == pytest.approx(Silicon("stillinger-weber").get_potential_energy(SILICON))
