import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from engine import registry
from engine.crystals import strained
from engine.errors import StructureError
from engine.properties import equilibrium
from tests.engine.properties.silicon import EPSILON, STILLINGER_WEBER, TERSOFF, Exploding, Silent, silicon


# Balamane, Halicioglu, Tiller, Phys. Rev. B 46, 2250 (1992): 5.431 Å, and 5.432 Å with −4.63 eV of Tersoff;
# diamond has two bonds of ε an atom in Stillinger and Weber's
@pytest.mark.parametrize(
    ("potential", "length", "energy"), [(STILLINGER_WEBER, 5.431, -2 * EPSILON), (TERSOFF, 5.432, -4.63)]
)
def test_silicon_rests_where_it_is_published(potential, length, energy):
    found = equilibrium(potential, bulk("Si", a=5.6), fmax=1e-4)
    assert found.cubic
    np.testing.assert_allclose(found.crystal.cell.cellpar(), [length] * 3 + [90] * 3, atol=6e-4)
    assert found.energy == pytest.approx(energy, abs=1e-3)
    assert np.abs(potential.predict([found.crystal]).stress).max() < 1e-5
    assert found.crystal.calc is None


def test_a_crystal_that_is_not_cubic_finds_its_shape():
    emt = registry.make("potentials", "ase", calculator="ase.calculators.emt:EMT")
    begun = strained(bulk("Cu", "hcp", a=2.6, c=4.1), [0.01, 0.01, -0.02, 0, 0, 0])
    found = equilibrium(emt, begun)
    assert not found.cubic
    a, b, c, *angles = found.crystal.cell.cellpar()
    assert a == pytest.approx(b)
    assert angles == pytest.approx([90, 90, 120])
    assert abs(c / a - np.sqrt(8 / 3)) < 0.02
    assert np.abs(emt.predict([found.crystal]).stress).max() < 1e-3


def test_what_does_not_come_to_rest_is_not_found():
    assert equilibrium(Exploding(), silicon()) is None
    assert equilibrium(STILLINGER_WEBER, silicon(5.6), steps=2) is None


def test_without_cell_or_stress_there_is_one_clear_line():
    with pytest.raises(StructureError, match="Si2 has no cell"):
        equilibrium(STILLINGER_WEBER, Atoms("Si2", [[0, 0, 0], [0, 0, 2.3]]))
    with pytest.raises(StructureError, match="the potential gives no stress of Si8: elastic properties need"):
        equilibrium(Silent(), silicon())
