import numpy as np
import pytest
from ase import Atoms

from engine.errors import StructureError
from engine.properties import energy_volume, member_energy_volumes
from tests.engine.properties.silicon import STILLINGER_WEBER, Exploding, Scaled, Several, silicon


def test_the_curve_gives_the_lattice_parameter_and_the_bulk_modulus():
    curve = energy_volume(STILLINGER_WEBER, silicon(5.5))
    assert curve.fit.volume == pytest.approx(5.43095**3 / 8, rel=1e-3)
    assert curve.fit.energy == pytest.approx(-4.3366, abs=1e-3)
    # (C11 + 2 C12) / 3 is 101.4 GPa: Cowley, Phys. Rev. Lett. 60, 2379 (1988)
    around = energy_volume(STILLINGER_WEBER, silicon(), np.linspace(0.97, 1.03, 7))
    assert around.fit.bulk_modulus == pytest.approx(101.4, abs=0.3)


def test_members_are_those_of_one_prediction():
    members = Several((Scaled(1.0), Scaled(1.1), Exploding()))
    curves = member_energy_volumes(members, silicon())
    assert curves[1].fit.bulk_modulus == pytest.approx(1.1 * curves[0].fit.bulk_modulus, rel=1e-6)
    np.testing.assert_allclose(curves[0].energy, energy_volume(STILLINGER_WEBER, silicon()).energy)
    assert curves[2].fit is None


def test_volumes_beside_the_minimum_have_no_equation_of_state():
    assert energy_volume(STILLINGER_WEBER, silicon(), np.linspace(1.05, 1.15, 7)).fit is None


def test_what_is_no_crystal_is_refused():
    with pytest.raises(StructureError, match="has no cell"):
        energy_volume(STILLINGER_WEBER, Atoms("Si2", [[0, 0, 0], [0, 0, 2.3]]))
