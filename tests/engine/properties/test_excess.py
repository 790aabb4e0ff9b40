"""Defects and surfaces of Stillinger–Weber silicon: closed forms, and ASE's own relaxation."""

import numpy as np
import pytest
from ase.build import bulk
from ase.optimize import BFGS

from engine.errors import StructureError
from engine.potentials.silicon import Silicon
from engine.properties import defects, excess_energies, slabs, surface_energies
from engine.properties.excess import J_PER_M2
from tests.engine.properties.silicon import EPSILON, STILLINGER_WEBER, silicon

A = 5.430950


def test_the_ideal_vacancy_costs_two_bonds_and_feels_no_force():
    made = {"vacancy": defects(silicon(), A)["vacancy"]}
    ideal = excess_energies(STILLINGER_WEBER, silicon(), made, steps=0)
    rest = excess_energies(STILLINGER_WEBER, silicon(), made)
    # four bonds of ε are cut, and an atom of the crystal has two: no third neighbour is in reach
    assert ideal["vacancy"] == pytest.approx(2 * EPSILON, abs=1e-4)
    assert rest["vacancy"] == pytest.approx(2 * EPSILON, abs=1e-4)


# Balamane, Halicioglu, Tiller, Phys. Rev. B 46, 2250 (1992), ideal interstitials: 12.21 and 17.10 eV with ε
# enlarged to a cohesive energy of 4.63 eV
def test_ideal_interstitials_are_as_published():
    made = defects(silicon())
    assert list(made) == ["vacancy", "tetrahedral", "hexagonal", "dumbbell"]
    ideal = excess_energies(STILLINGER_WEBER, silicon(), made, steps=0)
    assert ideal["tetrahedral"] * 4.63 / 4.3366 == pytest.approx(12.21, abs=0.01)
    assert ideal["hexagonal"] * 4.63 / 4.3366 == pytest.approx(17.10, abs=0.01)


def test_an_interstitial_comes_to_rest_where_ase_finds_it():
    made = defects(silicon())["tetrahedral"]
    found = excess_energies(STILLINGER_WEBER, silicon(), {"it": made}, fmax=5e-3)
    made.calc = Silicon("stillinger-weber")
    BFGS(made, logfile=None).run(fmax=5e-3, steps=100)
    assert found["it"] == pytest.approx(made.get_potential_energy() + 65 * 2 * EPSILON, abs=1e-3)
    assert found["it"] == pytest.approx(5.19, abs=0.01)


@pytest.mark.parametrize("steps", [0, 100])
def test_surfaces_cost_half_of_each_bond_that_they_cut(steps):
    found = surface_energies(STILLINGER_WEBER, silicon(), slabs(silicon()), steps=steps)
    bonds = {"surface_100": 4.0, "surface_110": 4 / np.sqrt(2), "surface_111": 4 / np.sqrt(3)}  # in a²
    for name, count in bonds.items():
        assert found[name] == pytest.approx(count * EPSILON / 2 / A**2 * J_PER_M2, rel=1e-4)


def test_what_does_not_come_to_rest_has_no_energy():
    found = excess_energies(STILLINGER_WEBER, silicon(), defects(silicon(), A), steps=1)
    assert np.isnan(found["dumbbell"])
    assert np.isfinite(found["vacancy"])


def test_a_compound_is_refused():
    salt = bulk("NaCl", "rocksalt", a=5.64)
    for build in (defects, slabs):
        with pytest.raises(StructureError, match="NaCl is of several elements"):
            build(salt)
