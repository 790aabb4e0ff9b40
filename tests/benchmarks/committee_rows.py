"""Committees of networks: members trained together against one after another, and a pool scored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import bulk

from engine import registry
from engine.config import CommitteeSettings
from engine.potentials.network_committee import NetworkCommittee
from engine.potentials.network_inputs import Standardisation, described
from engine.potentials.network_training import TrainingSet, initial_weights, train
from engine.protocols import Prediction
from tests.benchmarks.rows import Row
from tests.benchmarks.timing import Scale, median_seconds


def rows(scale: Scale) -> Iterator[Row]:
    """Train on distorted silicon, labelled by Stillinger and Weber's potential; score stored features."""
    structures, others = silicon(scale.trained, seed=0), silicon(scale.held_out, seed=1)
    reference = registry.make("potentials", "stillinger-weber")
    labels, truth = reference.predict(structures), reference.predict(others)
    settings = CommitteeSettings(epochs=scale.epochs)
    fitted: list[NetworkCommittee] = []
    whole = _seconds(
        lambda: fitted.append(NetworkCommittee.fit(structures, labels.energy, settings, labels.forces))
    )
    committee, said = fitted[0], fitted[0].predict(others)
    energy_mae = 1e3 * np.abs(said.energy - truth.energy).mean() / 64
    force_mae = np.abs(np.concatenate(said.forces) - np.concatenate(truth.forces)).mean()

    data = _training_set(committee, structures, labels)
    start = initial_weights(data.inputs.shape[1], 1, settings, settings.members, seed=0)
    used = data.energies.new_ones(settings.members, len(structures))

    def fit(members: slice) -> None:
        own = tuple(array[:, members] for array in start)
        train(data, own, used[members], settings, scale=committee.scale, seed=0)

    together = _seconds(lambda: fit(slice(None)))
    apart = sum(_seconds(lambda k=k: fit(slice(k, k + 1))) for k in range(settings.members))
    yield Row(
        f"{settings.members} networks trained together, {scale.trained} structures of 64 atoms",
        together,
        "s",
        (apart,),
        note=f"{scale.epochs} epochs, energies and {settings.directions} projections of forces; peer: one "
        f"member after another; {whole:.3g} s with features; MAE of the mean on {scale.held_out} others "
        f"{energy_mae:.2f} meV/atom, {force_mae:.3f} eV/Å",
    )
    features = np.concatenate(committee.acsf.features(others))
    stored = np.resize(features.astype(np.float32), (64 * scale.scored, features.shape[1]))
    n_atoms = np.full(scale.scored, 64)
    yield Row(
        f"energies by {settings.members} members, {scale.scored} structures of 64 atoms, from features",
        median_seconds(lambda: committee.energies_from_features(stored, n_atoms), 1),
        "s",
    )


def silicon(count: int, seed: int) -> list[Atoms]:
    """Cells of 64 atoms, strained by up to 2 % and rattled by 0.02 to 0.08 Å: small distortions."""
    rng, made = np.random.default_rng(seed), []
    for _ in range(count):
        crystal = bulk("Si", cubic=True) * (2, 2, 2)
        strain = rng.uniform(-0.02, 0.02, (3, 3))
        crystal.set_cell(crystal.cell.array @ (np.eye(3) + 0.5 * (strain + strain.T)), scale_atoms=True)
        crystal.positions += rng.normal(0, rng.uniform(0.02, 0.08), (64, 3))
        made.append(crystal)
    return made


def _training_set(committee: NetworkCommittee, structures: list[Atoms], labels: Prediction) -> TrainingSet:
    """What `fit` trains on, up to the offsets, which no time depends on."""
    directions = committee.settings.directions
    energies = (labels.energy - labels.energy.mean()) / committee.scale
    forces = [np.tile(force / committee.scale, (directions, 1, 1)) for force in labels.forces]
    noise, rng = (committee.settings.noise_force, 1.0), np.random.default_rng(0)
    raw = described(committee.acsf, structures, energies, forces, noise=noise, rng=rng)
    standard: Standardisation = committee.standard
    inputs, changes = standard.inputs(raw.inputs, raw.kinds), standard.changes(raw.changes, raw.kinds)
    return replace(raw, inputs=inputs, changes=changes)


def _seconds(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
