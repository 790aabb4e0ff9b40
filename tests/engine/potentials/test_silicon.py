"""Stillinger and Weber's silicon, and Tersoff's, against ASE, closed forms and finite differences."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from ase.calculators.tersoff import Tersoff, TersoffParameters

from engine import registry
from engine.config import ReferenceSettings
from engine.errors import ConfigError, StructureError
from engine.potentials.silicon import FORMS, Silicon
from engine.references.folder import JobInput
from engine.references.job import calculate

BOND_ENERGY = 2.1683  # eV: ε of Stillinger and Weber
BULK = bulk("Si", a=5.431)


def distorted(structure, seed=0):
    rng = np.random.default_rng(seed)
    copy = structure.copy()
    copy.set_cell(copy.cell @ (np.eye(3) + 0.02 * rng.standard_normal((3, 3))), scale_atoms=True)
    copy.positions += 0.1 * rng.standard_normal(copy.positions.shape)
    return copy


@pytest.mark.parametrize("structure", [BULK, bulk("Si", a=5.431, cubic=True)], ids=["2", "8"])
@pytest.mark.parametrize("form", FORMS)
def test_forces_and_stress_are_the_slopes_of_the_energy(form, structure):
    moved = distorted(structure)
    moved.calc = Silicon(form)
    forces, stress = moved.get_forces(), moved.get_stress()
    np.testing.assert_allclose(forces, calculate_numerical_forces(moved, eps=1e-4), atol=1e-6)
    np.testing.assert_allclose(stress, calculate_numerical_stress(moved, eps=1e-4), atol=1e-6)
    assert np.abs(forces).max() > 0.1
    assert np.abs(stress).max() > 0.01


def test_tersoff_is_that_of_ase():
    # Tersoff, Phys. Rev. B 39, 5566 (1989), table I, with c and d in the digits that matscipy has
    numbers = (
        3,
        1,
        0,
        1.0039e5,
        16.217,
        -0.59825,
        0.78734,
        1.1e-6,
        1.7322,
        471.18,
        2.85,
        0.15,
        2.4799,
        1830.8,
    )
    moved = distorted(bulk("Si", a=5.431, cubic=True))
    moved.calc = Tersoff({("Si", "Si", "Si"): TersoffParameters(*numbers)})
    found = registry.make("potentials", "tersoff-silicon").predict([moved])
    assert found.energy[0] == pytest.approx(moved.get_potential_energy(), rel=1e-6)
    np.testing.assert_allclose(found.forces[0], moved.get_forces(), atol=1e-5)
    np.testing.assert_allclose(found.stress[0], moved.get_stress(), atol=1e-6)


def test_diamond_is_held_by_two_bonds_an_atom():
    said = registry.make("potentials", "stillinger-weber").predict([BULK, BULK.repeat(2)])
    np.testing.assert_allclose(said.energy, [-4 * BOND_ENERGY, -32 * BOND_ENERGY], rtol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_what_has_no_cell_has_energy_and_forces_but_no_stress(form):
    chain = Atoms("Si3", [[0, 0, 0], [0, 0, 2.35], [2.3, 0, 0.3]])
    boxed = chain.copy()
    boxed.cell = [20, 20, 20]
    potential = registry.make(
        "potentials", "ase", calculator="engine.potentials.silicon:Silicon", settings={"form": form}
    )
    said = potential.predict([chain, boxed, Atoms("Si"), BULK])
    assert said.energy[0] == pytest.approx(said.energy[1], abs=1e-12)
    assert said.energy[0] < -2
    assert said.energy[2] == 0
    np.testing.assert_array_equal(np.isfinite(said.stress).all(axis=1), [False, False, False, True])


@pytest.mark.parametrize("name", ["stillinger-weber", "tersoff-silicon"])
def test_another_element_is_refused_in_one_line(name):
    mixed = Atoms("SiC", [[0, 0, 0], [0, 0, 2]], cell=[9, 9, 9], pbc=True)
    with pytest.raises(StructureError, match="is a potential of silicon alone, got SiC"):
        registry.make("potentials", name).predict([mixed])
    failed = calculate(JobInput.of("c-000001", 1, mixed, ReferenceSettings(name=name)))
    assert "silicon alone" in failed.words


def test_a_form_that_it_has_not_is_said():
    with pytest.raises(
        ConfigError, match="no potential of the form 'edip'; known: stillinger-weber, tersoff"
    ):
        registry.make("potentials", "stillinger-weber", settings={"form": "edip"})
