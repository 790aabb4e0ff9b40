"""What a potential says of stress reaches whoever asks an ASE calculator."""

import numpy as np
import pytest
from ase.build import bulk, fcc111
from ase.calculators.calculator import PropertyNotImplementedError

from engine import registry
from engine.potentials.calculator import PotentialCalculator
from engine.potentials.stress import voigt_stress
from engine.protocols import Prediction
from tests.clusters import random_clusters

CRYSTAL = bulk("Si", cubic=True)
CLUSTER = random_clusters("Ag3", 1)[0]


class Squeezed:
    """Energy p V: the same pressure from all sides."""

    def predict(self, structures):
        volume = np.array([structure.cell.volume for structure in structures])
        virial = 0.01 * volume[:, None, None] * np.eye(3)
        forces = tuple(np.zeros((len(structure), 3)) for structure in structures)
        return Prediction(0.01 * volume, forces, stress=voigt_stress(virial, structures))


def test_a_stress_has_voigts_order_and_is_symmetric():
    virial = np.arange(9.0).reshape(1, 3, 3)
    stress = voigt_stress(virial, [CRYSTAL])[0] * CRYSTAL.cell.volume
    np.testing.assert_allclose(stress, [0, 4, 8, 6, 4, 2])
    several = voigt_stress(np.zeros((4, 3, 3, 3)), [CRYSTAL, CLUSTER, fcc111("Ag", (1, 1, 2), vacuum=5.0)])
    assert several.shape == (4, 3, 6)
    assert np.isnan(several).any(axis=(0, 2)).tolist() == [False, True, True]


def test_a_crystal_has_the_stress_that_its_potential_gives():
    crystal = CRYSTAL.copy()
    crystal.calc = PotentialCalculator(Squeezed(), "squeezed")
    np.testing.assert_allclose(crystal.get_stress(), [0.01, 0.01, 0.01, 0, 0, 0])


def test_without_a_whole_cell_there_is_none_and_that_is_said():
    cluster = CLUSTER.copy()
    cluster.calc = PotentialCalculator(Squeezed(), "squeezed")
    assert cluster.get_potential_energy() == pytest.approx(0.01 * cluster.cell.volume)
    with pytest.raises(PropertyNotImplementedError, match="squeezed has no stress for Ag3"):
        cluster.get_stress()


def test_nothing_underneath_is_zero_everywhere():
    nothing = registry.make("potentials", "none", calculator=None, settings={})
    said = nothing.predict([CRYSTAL, CLUSTER])
    np.testing.assert_array_equal(said.energy, [0, 0])
    assert [forces.shape for forces in said.forces] == [(8, 3), (3, 3)]
    assert not any(forces.any() for forces in said.forces)
    np.testing.assert_array_equal(said.stress, [[0] * 6, [np.nan] * 6])
    assert nothing.predict([]).energy.shape == (0,)
