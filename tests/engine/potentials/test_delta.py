import numpy as np

from engine.config import DeltaSettings
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.delta import Delta
from engine.potentials.sparse_gpr import SparseGPR
from tests.clusters import random_clusters

CLUSTERS = random_clusters("Ag5", 6)
BASE = ASECalculator("ase.calculators.emt:EMT", {})


def test_energies_and_forces_add_and_the_uncertainty_is_the_corrections():
    correction = SparseGPR.fit(CLUSTERS, np.linspace(0, 1, 6), DeltaSettings())
    new = random_clusters("Ag5", 2, seed=1)
    base, delta, total = (p.predict(new) for p in (BASE, correction, Delta(BASE, correction)))
    np.testing.assert_array_equal(total.energy, base.energy + delta.energy)
    for i in range(2):
        np.testing.assert_array_equal(total.forces[i], base.forces[i] + delta.forces[i])
        np.testing.assert_array_equal(total.atom_std[i], delta.atom_std[i])
    np.testing.assert_array_equal(total.energy_std, delta.energy_std)
    assert np.abs(delta.energy).min() > 0


def test_without_a_correction_it_is_the_bare_base():
    total, base = Delta(BASE, None).predict(CLUSTERS), BASE.predict(CLUSTERS)
    np.testing.assert_array_equal(total.energy, base.energy)
    assert total.energy_std is None
    assert total.atom_std is None
