"""Barriers against a closed form, and of what cannot have one."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, fcc100
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from scipy.optimize import minimize_scalar

from engine.errors import StructureError
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.band import connect
from engine.protocols import Prediction
from engine.references.double_well import DEFAULTS, DoubleWell

WELLS = ASECalculator(DoubleWell(**DEFAULTS), {})


def dimer(distance, axis=2):
    positions = np.full((2, 3), 10.0)
    positions[1, axis] += distance
    return Atoms("Na2", positions, cell=[20.0] * 3)


def energy(distance):
    return float(WELLS.predict([dimer(distance)]).energy[0])


def test_the_barrier_of_the_double_well_is_the_formulas():
    top = minimize_scalar(lambda d: -energy(d), bounds=(3.2, 4.6), method="bounded", options={"xatol": 1e-6})
    wells = [minimize_scalar(energy, bounds=(d - 0.4, d + 0.4), method="bounded").fun for d in (2.9, 4.9)]
    found = connect(dimer(2.85), dimer(4.8, axis=0), WELLS, images=5, fmax=0.01, steps=300)
    assert found.converged
    assert found.rises == pytest.approx([-top.fun - well for well in wells], abs=2e-3)
    assert len(found.energy) == 7


def test_ends_that_fall_into_one_minimum_have_no_barrier():
    found = connect(dimer(2.8), dimer(3.0, axis=1), WELLS)
    assert (found.converged, found.steps, len(found.energy)) == (True, 0, 2)
    assert found.rises == pytest.approx((0, 0), abs=1e-3)


def test_too_few_steps_leave_an_upper_bound():
    found = connect(dimer(2.9), dimer(4.9), WELLS, fmax=0.001, steps=2)
    assert not found.converged
    assert found.rises[0] > 0


def test_an_adatom_hops_on_a_surface_whose_lower_layer_stays():
    slab = fcc100("Cu", (2, 2, 2), vacuum=6.0)
    slab.set_constraint(FixAtoms([atom.index for atom in slab if atom.tag == 2]))
    here, there = slab.copy(), slab.copy()
    add_adsorbate(here, "Cu", 1.7, "hollow")
    add_adsorbate(there, "Cu", 1.7, "hollow", offset=(1, 0))
    with pytest.raises(StructureError, match="not the same atoms"):
        connect(here, slab, ASECalculator(EMT(), {}))
    found = connect(here, there, ASECalculator(EMT(), {}), images=1, fmax=0.05, steps=100)
    assert found.converged
    assert found.rises[0] == pytest.approx(found.rises[1], abs=0.02)
    assert 0.2 < found.rises[0] < 1.0


def test_no_energy_on_the_way_is_one_line():
    class Nothing:
        def predict(self, structures):
            return Prediction(
                np.full(len(structures), np.nan), tuple(np.zeros((len(s), 3)) for s in structures)
            )

    with pytest.raises(StructureError, match="there is no energy of a minimum of Na2"):
        connect(dimer(2.9), dimer(4.9), Nothing())
