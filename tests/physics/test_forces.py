"""Forces are the negative gradient of the energy: central finite differences."""

import numpy as np
import pytest
import torch
from ase.build import add_adsorbate, fcc111

from engine.config import DeltaSettings
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.chgnet import CHGNet
from engine.potentials.delta import Delta
from engine.potentials.sparse_gpr import SparseGPR
from tests.clusters import random_clusters

torch.set_num_threads(1)

TRAIN = random_clusters("Ag4S2", 10)
CORRECTION = SparseGPR.fit(TRAIN, np.random.default_rng(0).normal(-3, 0.5, 10), DeltaSettings())
FEW_INDUCING = SparseGPR.fit(
    TRAIN, np.random.default_rng(0).normal(-3, 0.5, 10), DeltaSettings(inducing_points=15, length_scale=10)
)
NEW = random_clusters("Ag4S2", 1, seed=5)[0]


def finite_differences(potential, structure, step):
    """All 3N central differences (eV/Å), evaluated in one batch."""
    displaced = []
    for sign in (1, -1):
        for flat in range(3 * len(structure)):
            copy = structure.copy()
            copy.positions[flat // 3, flat % 3] += sign * step
            displaced.append(copy)
    plus, minus = np.split(potential.predict(displaced).energy, 2)
    return -(plus - minus).reshape(-1, 3) / (2 * step)


WITH_FORCES = SparseGPR.fit(
    TRAIN,
    np.random.default_rng(0).normal(-3, 0.5, 10),
    DeltaSettings(inducing_points=30, forces=True),
    list(np.random.default_rng(1).normal(0, 0.5, (10, 6, 3))),
)


@pytest.mark.parametrize(
    "model", [CORRECTION, FEW_INDUCING, WITH_FORCES], ids=["all inducing", "few inducing", "forces as data"]
)
def test_sparse_gpr(model):
    forces = model.predict([NEW]).forces[0]
    assert np.abs(forces).max() > 0.05
    np.testing.assert_allclose(forces, finite_differences(model, NEW, 1e-4), atol=2e-6)


def test_sparse_gpr_of_several_stoichiometries():
    mixed = TRAIN[:5] + random_clusters("Ag5S", 5)
    model = SparseGPR.fit(mixed, np.random.default_rng(1).normal(0, 0.5, 10), DeltaSettings())
    np.testing.assert_allclose(
        model.predict([NEW]).forces[0], finite_differences(model, NEW, 1e-4), atol=2e-6
    )


def test_sparse_gpr_of_a_periodic_slab():
    slabs = []
    for seed in range(5):
        slab = fcc111("Ag", (2, 1, 2), vacuum=7.0, orthogonal=False, periodic=False)
        add_adsorbate(slab, "S", 1.7, "fcc")
        slab.rattle(0.15, seed=seed)
        slabs.append(slab)
    rng = np.random.default_rng(2)
    model = SparseGPR.fit(
        slabs[:4], rng.normal(0, 0.5, 4), DeltaSettings(forces=True), list(rng.normal(0, 0.3, (4, 5, 3)))
    )
    forces = model.predict(slabs[4:]).forces[0]
    assert np.abs(forces).max() > 0.05
    np.testing.assert_allclose(forces, finite_differences(model, slabs[4], 1e-4), atol=1e-5)
    np.testing.assert_allclose(forces.sum(axis=0), 0.0, atol=1e-6)


def test_chgnet():
    """In single precision an energy of some 20 eV is known to 1e-5 eV: differences over 0.01 Å to 2e-3."""
    potential = CHGNet("0.3.0")
    forces = potential.predict([NEW]).forces[0]
    assert np.abs(forces).max() > 1
    np.testing.assert_allclose(forces, finite_differences(potential, NEW, 0.005), atol=5e-3)


def test_delta_sum():
    base = ASECalculator("ase.calculators.lj:LennardJones", {"sigma": 2.0, "epsilon": 0.5})
    potential = Delta(base, CORRECTION)
    forces = potential.predict([NEW]).forces[0]
    assert np.abs(forces - base.predict([NEW]).forces[0]).max() > 0.05
    np.testing.assert_allclose(forces, finite_differences(potential, NEW, 1e-4), atol=1e-5)


def test_delta_sum_over_chgnet():
    potential = Delta(CHGNet("0.3.0"), CORRECTION)
    expected = finite_differences(potential, NEW, 0.005)
    np.testing.assert_allclose(potential.predict([NEW]).forces[0], expected, atol=5e-3)


@pytest.mark.parametrize("potential", [CORRECTION, CHGNet("r2scan")], ids=["sparse-gpr", "chgnet"])
def test_no_net_force_and_no_net_torque(potential):
    forces = potential.predict([NEW]).forces[0]
    scale = np.abs(forces).max()
    torque = np.cross(NEW.positions - NEW.positions.mean(axis=0), forces).sum(axis=0)
    assert np.abs(forces.sum(axis=0)).max() < 1e-5 * max(scale, 1)
    assert np.abs(torque).max() < 1e-4 * max(scale, 1)
