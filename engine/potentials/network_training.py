"""Neural networks of a committee, all members trained at once.

One network a species gives each atom's energy from its features, Behler & Parrinello, Phys. Rev. Lett. 98,
146401 (2007). Members stand along one axis of every array, so that one program and one optimiser train them
all; no member knows of another. Forces are data by their projections: along a random direction v of all atoms
−F · v = Σ_i ∇E_i · (∂G_i/∂v), which needs the features' change along v alone in place of their Jacobian. A
stress is six such slopes, along the strains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import torch

from engine.config import CommitteeSettings

Tensor = torch.Tensor
Weights: TypeAlias = tuple[Tensor, ...]
"""Matrices (n_species, K, inputs, outputs) and biases (n_species, K, 1, outputs) in turn, layer by layer."""


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """What networks are fitted to; structures one after the other.

    Attributes
    ----------
    inputs : (n, d) standardised features of all atoms
    kinds : (n,) species of each atom
    n_atoms : (n_structures,)
    energies : (n_structures,) in units of the networks' output
    changes : (n, R, d) of the inputs along R directions; R may be 0
    slopes : (n_structures, R) of the energies along them: −F · v, or V σ along a strain
    precision : (n_structures, R) what the square of an error in a slope counts (1/eV²); 0: nothing
    """

    inputs: Tensor
    kinds: Tensor
    n_atoms: Tensor
    energies: Tensor
    changes: Tensor
    slopes: Tensor
    precision: Tensor

    def to(self, dtype: torch.dtype) -> TrainingSet:
        """The same in another precision."""
        real = (self.inputs, self.energies, self.changes, self.slopes, self.precision)
        inputs, energies, changes, slopes, precision = (array.to(dtype) for array in real)
        return TrainingSet(inputs, self.kinds, self.n_atoms, energies, changes, slopes, precision)

    def chosen(self, structures: Tensor) -> TrainingSet:
        """Some structures, by their numbers."""
        stops = self.n_atoms.cumsum(0)[structures]
        runs = zip((stops - self.n_atoms[structures]).tolist(), stops.tolist(), strict=True)
        atoms = torch.cat([torch.arange(start, stop) for start, stop in runs])
        return TrainingSet(
            self.inputs[atoms],
            self.kinds[atoms],
            self.n_atoms[structures],
            self.energies[structures],
            self.changes[atoms],
            self.slopes[structures],
            self.precision[structures],
        )


def initial_weights(
    n_inputs: int, n_species: int, settings: CommitteeSettings, members: int, seed: int
) -> Weights:
    """Random weights; member k's depend on the seed and on k alone."""
    sizes = (n_inputs, *settings.hidden, 1)
    drawn = []
    for member in range(members):
        rng = np.random.default_rng([seed, member])
        layers = [rng.standard_normal((n_species, a, b)) / np.sqrt(a) for a, b in pairwise(sizes)]
        drawn.append(layers)
    matrices = [torch.as_tensor(np.stack(layer, axis=1)) for layer in zip(*drawn, strict=True)]
    return tuple(array for matrix in matrices for array in (matrix, torch.zeros_like(matrix[:, :, :1])))


def local_energies(weights: Weights, kinds: Tensor, inputs: Tensor) -> Tensor:
    """Energy of each atom according to each member.

    Parameters
    ----------
    weights : of K members
    kinds : (n,)
    inputs : (n, d), or (K, n, d) where each member has its own

    Returns
    -------
    (K, n)
    """
    energy = inputs.new_zeros(weights[0].shape[1], len(kinds))
    for atoms, layers in _by_species(weights, kinds):
        energy[:, atoms], _ = _network(layers, inputs[..., atoms, :], None)
    return energy


def train(
    data: TrainingSet,
    weights: Weights,
    used: Tensor,
    settings: CommitteeSettings,
    *,
    scale: float,
    seed: int,
    dtype: torch.dtype = torch.float32,
) -> Weights:
    """Minimise the error of energies, projected forces and stress by Adam, all members together.

    The loss of a structure is (ΔE/N)²/σ_E² + |ΔF|²/3N/σ_F² + |ΔS|²/6/σ_S²; the mean of (ΔF · v)² over random
    v is |ΔF|². The step length falls along a cosine to nothing.

    Parameters
    ----------
    data : training set
    weights : to start from
    used : (K, n_structures) 1 where a member is fitted to a structure, else 0
    settings : of noise, steps and step length
    scale : unit of the networks' output (eV)
    seed : of the order of the structures, which is the same for all members
    dtype : precision; in double, a member is the same in any company to 1e-9

    Returns
    -------
    Trained weights in double precision
    """
    data, used = data.to(dtype), used.to(dtype)
    parameters = [array.to(dtype, copy=True).requires_grad_() for array in weights]
    rate = settings.learning_rate
    optimiser = torch.optim.Adam(parameters, lr=rate)
    generator = torch.Generator().manual_seed(seed)
    n = len(data.n_atoms)
    steps = settings.epochs * math.ceil(n / settings.batch)
    taken = 0
    for _ in range(settings.epochs):
        for chosen in torch.split(torch.randperm(n, generator=generator), settings.batch):
            optimiser.param_groups[0]["lr"] = 0.5 * rate * (1 + math.cos(math.pi * taken / steps))
            loss = _loss(tuple(parameters), data.chosen(chosen), settings, scale)
            optimiser.zero_grad()
            (loss * used[:, chosen]).sum().div(len(chosen)).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            taken += 1
    return tuple(array.detach().double() for array in parameters)


def _loss(weights: Weights, data: TrainingSet, settings: CommitteeSettings, scale: float) -> Tensor:
    """Of each member and structure, (K, n_structures)."""
    members, n, directions = weights[0].shape[1], len(data.n_atoms), data.slopes.shape[1]
    of = torch.repeat_interleave(data.n_atoms)
    energy = data.inputs.new_zeros(members, n)
    slope = data.inputs.new_zeros(members, n, directions)
    for atoms, layers in _by_species(weights, data.kinds):
        local, change = _network(layers, data.inputs[atoms], data.changes[atoms])
        energy = energy.index_add(1, of[atoms], local)
        if change is not None:
            slope = slope.index_add(1, of[atoms], change)
    n_atoms = data.n_atoms.to(energy.dtype)
    loss = ((energy - data.energies) / n_atoms * scale / settings.noise_energy) ** 2
    if directions:
        loss = loss + (((slope - data.slopes) * scale) ** 2 * data.precision).sum(dim=2)
    return loss


def _by_species(weights: Weights, kinds: Tensor) -> list[tuple[Tensor | slice, list[Tensor]]]:
    """Atoms of each species that occurs, and its layers."""
    found = torch.unique(kinds).tolist()
    layers = [[array[kind] for array in weights] for kind in found]
    atoms = [(kinds == kind).nonzero().squeeze(1) for kind in found] if len(found) > 1 else [slice(None)]
    return list(zip(atoms, layers, strict=False))


def _network(layers: list[Tensor], inputs: Tensor, changes: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Output (K, n) of networks with SiLU units, and its changes (K, n, R) along with `changes` (n, R, d)."""
    value, along = inputs, None
    if changes is not None and changes.shape[1]:
        along = changes.flatten(0, 1)
    for depth in range(0, len(layers), 2):
        matrix, bias = layers[depth], layers[depth + 1]
        value = value @ matrix + bias
        along = None if along is None else along @ matrix
        if depth < len(layers) - 2:
            if along is not None:
                gate = torch.sigmoid(value)
                slope = gate * (1 + value * (1 - gate))
                along = (along.view(*slope.shape[:2], -1, slope.shape[2]) * slope[:, :, None]).flatten(1, 2)
            value = torch.nn.functional.silu(value)
    return value[..., 0], None if along is None else along.view(*value.shape[:2], -1)
