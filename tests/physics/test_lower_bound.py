"""E − κσ and its forces: finite differences, and what they must do where nothing is unknown."""

import numpy as np
import pytest

from engine.config import DeltaSettings
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.delta import Delta
from engine.potentials.lower_bound import LowerBound
from engine.potentials.sparse_gpr import SparseGPR
from tests.clusters import random_clusters
from tests.physics.test_forces import finite_differences

TRAIN = random_clusters("Ag4", 8)
BASE = ASECalculator("ase.calculators.emt:EMT", {})
MODELS = [
    SparseGPR.fit(TRAIN, np.random.default_rng(0).normal(0, 0.5, 8), DeltaSettings(length_scale=20)),
    SparseGPR.fit(
        TRAIN, np.random.default_rng(0).normal(0, 0.5, 8), DeltaSettings(inducing_points=12)
    ).calibrated(np.random.default_rng(1).normal(0, 3.0, 20)),
]
NEW = random_clusters("Ag4", 1, seed=7)[0]


@pytest.mark.parametrize("model", MODELS, ids=["all inducing", "few inducing, calibrated"])
@pytest.mark.parametrize("kappa", [0.5, 2.0])
def test_its_forces_are_minus_its_gradient(model, kappa):
    bound = LowerBound(Delta(BASE, model), kappa)
    forces = bound.predict([NEW]).forces[0]
    plain = Delta(BASE, model).predict([NEW]).forces[0]
    assert np.abs(forces - plain).max() > 1e-3  # σ pulls
    np.testing.assert_allclose(forces, finite_differences(bound, NEW, 1e-4), atol=5e-6)


@pytest.mark.parametrize("model", MODELS, ids=["all inducing", "few inducing, calibrated"])
def test_it_lies_kappa_sigma_below_the_surrogate(model):
    surrogate = Delta(BASE, model)
    said, bound = surrogate.predict([NEW, *TRAIN]), LowerBound(surrogate, 1.5).predict([NEW, *TRAIN])
    np.testing.assert_allclose(bound.energy, said.energy - 1.5 * said.energy_std, atol=1e-12)
    assert said.energy_std[0] > 0.01


def test_without_a_correction_it_is_the_base():
    bare = LowerBound(Delta(BASE, None), 2.0).predict([NEW])
    np.testing.assert_array_equal(bare.energy, BASE.predict([NEW]).energy)
    np.testing.assert_array_equal(bare.forces[0], BASE.predict([NEW]).forces[0])
