"""A potential as the reference says what the potential says, the stress too."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from engine import registry
from engine.potentials.ase_calculator import ASECalculator
from engine.references.teacher import TeacherReference


def test_a_teacher_gives_the_stress_of_a_crystal_and_none_of_a_cluster():
    crystal = bulk("Si", cubic=True, a=5.6)
    crystal.rattle(0.1, seed=1)
    said = registry.make("potentials", "stillinger-weber").predict([crystal])
    crystal.calc = TeacherReference("stillinger-weber").calculator()
    assert crystal.get_potential_energy() == pytest.approx(said.energy[0])
    np.testing.assert_allclose(crystal.get_forces(), said.forces[0])
    np.testing.assert_allclose(crystal.get_stress(), said.stress[0])
    potential = ASECalculator(crystal.calc, {})
    cluster = Atoms("Si2", [[0, 0, 0], [0, 0, 2.4]])
    assert np.isnan(potential.predict([cluster]).stress).all()
    np.testing.assert_allclose(potential.predict([crystal]).stress, said.stress)
