"""Elastic constants against published ones, against matscipy's analytical ones, and against energies."""

import numpy as np
import pytest
from ase import Atoms
from matscipy.elasticity import full_3x3x3x3_to_Voigt_6x6, nonaffine_elastic_contribution

from engine.crystals import strained
from engine.errors import StructureError
from engine.math import CUBIC, GPA, averaged
from engine.potentials.silicon import Silicon
from engine.properties import elastic
from tests.engine.properties.silicon import STILLINGER_WEBER, TERSOFF, Exploding, Scaled, Silent, silicon

# GPa: C11, C12, C44 with the atoms at rest, C44 clamped. Balamane, Halicioglu, Tiller, Phys. Rev. B 46, 2250
# (1992), table of elastic constants. Theirs of Stillinger and Weber have ε enlarged to a cohesive energy of
# 4.63 eV; in the original's 4.3366 eV they are 151.4, 76.4, 56.4: Cowley, Phys. Rev. Lett. 60, 2379 (1988).
PUBLISHED = {
    "stillinger-weber": ((161.6, 81.6, 60.3, 117.2), 4.63 / 4.3366),
    "tersoff": ((142.5, 75.4, 69.0, 118.8), 1.0),
}
LATTICE = {"stillinger-weber": 5.430950, "tersoff": 5.432004}  # Å
POTENTIALS = {"stillinger-weber": STILLINGER_WEBER, "tersoff": TERSOFF}


@pytest.mark.parametrize("form", PUBLISHED)
def test_silicon_is_as_stiff_as_it_is_published_and_as_matscipy_derives(form):
    crystal = silicon(LATTICE[form])
    rest = elastic(POTENTIALS[form], crystal)
    clamped = elastic(POTENTIALS[form], crystal, relaxed=False)
    found = [*averaged(rest.matrix, CUBIC).values(), averaged(clamped.matrix, CUBIC)["C44"]]
    published, unit = PUBLISHED[form]
    np.testing.assert_allclose(np.array(found) * unit, published, atol=0.15)
    assert found[3] > 1.5 * found[2]
    assert 0 < rest.errors.max() < 1

    crystal.calc = Silicon(form)
    born = full_3x3x3x3_to_Voigt_6x6(crystal.calc._manybody.get_property("born_constants", crystal)) * GPA
    crystal.calc = crystal.calc._manybody
    inner = full_3x3x3x3_to_Voigt_6x6(nonaffine_elastic_contribution(crystal)) * GPA
    np.testing.assert_allclose(clamped.matrix, born, atol=0.2)
    np.testing.assert_allclose(rest.matrix, born + inner, atol=0.2)


def test_clamped_constants_are_the_curvature_of_the_energy():
    crystal, step = silicon(), 1e-3
    C11, C12, C44 = averaged(elastic(STILLINGER_WEBER, crystal, relaxed=False).matrix, CUBIC).values()
    modes = {"C11": [1, 0, 0, 0, 0, 0], "C44": [0, 0, 0, 0, 0, 1], "B": [1, 1, 1, 0, 0, 0]}
    curvature = {}
    for name, mode in modes.items():
        series = [strained(crystal, amount * np.array(mode)) for amount in (-step, 0, step)]
        down, middle, up = STILLINGER_WEBER.predict(series).energy
        curvature[name] = (down - 2 * middle + up) / step**2 / crystal.get_volume() * GPA
    assert curvature["C11"] == pytest.approx(C11, rel=1e-3)
    assert curvature["C44"] == pytest.approx(C44, rel=1e-3)
    assert curvature["B"] == pytest.approx(3 * C11 + 6 * C12, rel=1e-3)


def test_a_stiffer_member_is_stiffer_in_all_constants():
    soft, stiff = (elastic(Scaled(f), silicon(), (0.01,), relaxed=False).matrix for f in (1.0, 1.2))
    np.testing.assert_allclose(stiff, 1.2 * soft, atol=1e-6)


class Wild(Exploding):
    """Has no stress for what is sheared."""

    def predict(self, structures):
        said = super().predict(structures)
        said.stress[[not s.cell.orthorhombic for s in structures]] = np.nan
        return said


def test_what_has_no_finite_stress_has_no_constants():
    found = elastic(Wild(), silicon())
    assert np.isnan(found.matrix).all()
    assert np.isnan(found.residual)


def test_without_cell_or_stress_there_is_one_clear_line():
    with pytest.raises(StructureError, match="Si2 has no cell"):
        elastic(STILLINGER_WEBER, Atoms("Si2", [[0, 0, 0], [0, 0, 2.3]]))
    with pytest.raises(StructureError, match="gives no stress of Si8"):
        elastic(Silent(), silicon())
