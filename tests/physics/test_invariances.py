"""Energies do not see how a structure is turned, shifted or numbered; forces follow."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import DeltaSettings
from engine.potentials.chgnet import CHGNet
from engine.potentials.sparse_gpr import SparseGPR
from tests.clusters import random_clusters, rotated

torch.set_num_threads(1)

SEEDS = st.integers(0, 2**32 - 1)
TRAIN = random_clusters("Ag4S2", 10)
CLUSTER = random_clusters("Ag4S2", 1, seed=5)[0]
POTENTIALS = [
    pytest.param(
        SparseGPR.fit(TRAIN, np.random.default_rng(0).normal(-3, 0.5, 10), DeltaSettings()),
        1e-6,
        1e-6,
        id="sparse-gpr",
    ),
    pytest.param(CHGNet("0.3.0"), 1e-4, 1e-3, id="chgnet"),  # single precision
]


def _scalars(structure, forces):
    arms = structure.positions - structure.positions.mean(axis=0)
    return forces @ forces.T, forces @ arms.T


@pytest.mark.parametrize(("potential", "energy_tolerance", "force_tolerance"), POTENTIALS)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_rotation_and_translation(potential, energy_tolerance, force_tolerance, seed):
    turned = rotated(CLUSTER, seed)
    before, after = potential.predict([CLUSTER]), potential.predict([turned])
    assert after.energy[0] == pytest.approx(before.energy[0], abs=energy_tolerance)
    for expected, got in zip(
        _scalars(CLUSTER, before.forces[0]), _scalars(turned, after.forces[0]), strict=True
    ):
        np.testing.assert_allclose(got, expected, atol=force_tolerance * max(1.0, np.abs(expected).max()))
    if before.energy_std is not None:
        np.testing.assert_allclose(after.energy_std, before.energy_std, atol=1e-5)


@pytest.mark.parametrize(("potential", "energy_tolerance", "force_tolerance"), POTENTIALS)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_permutation(potential, energy_tolerance, force_tolerance, seed):
    order = np.random.default_rng(seed).permutation(len(CLUSTER))
    before, after = potential.predict([CLUSTER]), potential.predict([CLUSTER[order]])
    assert after.energy[0] == pytest.approx(before.energy[0], abs=energy_tolerance)
    np.testing.assert_allclose(after.forces[0], before.forces[0][order], atol=force_tolerance * 10)
    if before.atom_std is not None:
        np.testing.assert_allclose(after.atom_std[0], before.atom_std[0][order], atol=1e-5)
