"""Langevin dynamics of many structures in lockstep: one batch for each step of all.

The order is BAOAB (Leimkuhler & Matthews, J. Chem. Phys. 138, 174102 (2013)): velocity Verlet in which the
bath acts in the middle; without friction it is velocity Verlet. Times are in ASE's unit unless said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms, units
from numpy.typing import NDArray

from engine.potentials.relax import free_atoms
from engine.protocols import FloatArray, Potential

Allowed = Callable[[Atoms], bool]


@dataclass(frozen=True)
class Bath:
    """What the atoms are coupled to.

    Attributes
    ----------
    temperature : K
    timestep : fs
    friction : 1/fs; 0 for constant energy
    """

    temperature: float
    timestep: float
    friction: float

    @property
    def thermal_energy(self) -> float:
        """Its kT (eV)."""
        return float(units.kB * self.temperature)


@dataclass(frozen=True)
class Stretch:
    """A stretch of ``T`` trajectories.

    Attributes
    ----------
    frames : of each trajectory, its structures in the order of time
    velocities : at the end, T arrays (n_atoms, 3) Å per ASE's unit of time
    rewinds : (T,) how often each went back to its last good frame
    stuck : (T,) where the start itself was no good: those did not move
    """

    frames: tuple[tuple[Atoms, ...], ...]
    velocities: tuple[FloatArray, ...]
    rewinds: NDArray[np.int64]
    stuck: NDArray[np.bool_]


def thermal_velocities(structure: Atoms, kT: float, rng: np.random.Generator) -> FloatArray:
    """Maxwell–Boltzmann velocities (n_atoms, 3) at kT (eV), zero of fixed atoms; the whole does not drift."""
    return float(np.sqrt(kT)) * _noise(structure, rng)


def evolve(
    structures: Sequence[Atoms],
    velocities: Sequence[FloatArray],
    potential: Potential,
    bath: Bath,
    *,
    frames: int,
    steps: int,
    rng: np.random.Generator,
    largest_force: float = np.inf,
    allowed: Allowed = lambda _: True,
) -> Stretch:
    """Follow copies of `structures`, and keep a frame every `steps` steps.

    A trajectory explodes when a force on a free atom is not finite or beyond `largest_force` (eV/Å), or it
    comes to where it is not `allowed`: it goes on from its last good frame with new velocities.
    """
    walkers = [
        _Walker(structure.copy(), np.array(v, dtype=float))
        for structure, v in zip(structures, velocities, strict=True)
    ]
    _feel(walkers, potential)
    stuck = np.array([not walker.is_good(largest_force, allowed) for walker in walkers], dtype=bool)
    moving = [walker for walker, no in zip(walkers, stuck, strict=True) if not no]
    for walker in moving:
        walker.keep()
    kept: list[list[Atoms]] = [[] for _ in walkers]
    for _ in range(frames if moving else 0):
        for _ in range(steps):
            for walker in moving:
                walker.advance(bath, rng)
            _feel(moving, potential)
            for walker in moving:
                if walker.is_good(largest_force, allowed):
                    walker.kick(bath.timestep * units.fs)
                else:
                    walker.rewind(bath, rng)
        for k, walker in enumerate(walkers):
            if not stuck[k]:
                walker.keep()
                kept[k].append(walker.structure.copy())
    return Stretch(
        frames=tuple(tuple(one) for one in kept),
        velocities=tuple(walker.velocities for walker in walkers),
        rewinds=np.array([walker.rewinds for walker in walkers], dtype=np.int64),
        stuck=stuck,
    )


class _Walker:
    """One trajectory: where it is, how it moves, what it feels, and where it was last in order."""

    def __init__(self, structure: Atoms, velocities: FloatArray) -> None:
        self.structure = structure
        self.free = free_atoms(structure)[:, None]
        self.masses = structure.get_masses()[:, None]
        self.velocities = np.where(self.free, velocities, 0.0)
        self.forces = np.zeros_like(velocities)
        self.rewinds = 0

    def advance(self, bath: Bath, rng: np.random.Generator) -> None:
        """Half a kick, half a drift, the bath, half a drift."""
        dt = bath.timestep * units.fs
        self.kick(dt)
        self.structure.positions += 0.5 * dt * self.velocities
        if bath.friction > 0:
            keep = np.exp(-bath.friction * bath.timestep)
            noise = _noise(self.structure, rng) * np.sqrt(bath.thermal_energy)
            self.velocities = keep * self.velocities + np.sqrt(1 - keep**2) * noise
        self.structure.positions += 0.5 * dt * self.velocities

    def kick(self, dt: float) -> None:
        self.velocities = self.velocities + np.where(self.free, 0.5 * dt * self.forces / self.masses, 0.0)

    def is_good(self, largest_force: float, allowed: Allowed) -> bool:
        felt = np.linalg.norm(self.forces[self.free[:, 0]], axis=1)
        return bool(np.isfinite(felt).all() and (felt <= largest_force).all()) and allowed(self.structure)

    def keep(self) -> None:
        self._last = self.structure.positions.copy(), self.forces

    def rewind(self, bath: Bath, rng: np.random.Generator) -> None:
        self.structure.positions, self.forces = self._last[0].copy(), self._last[1]
        self.velocities = thermal_velocities(self.structure, bath.thermal_energy, rng)
        self.rewinds += 1


def _feel(walkers: Sequence[_Walker], potential: Potential) -> None:
    if walkers:
        said = potential.predict([walker.structure for walker in walkers])
        for walker, forces in zip(walkers, said.forces, strict=True):
            walker.forces = np.asarray(forces, dtype=float)


def _noise(structure: Atoms, rng: np.random.Generator) -> FloatArray:
    """Velocities at kT = 1 eV, without those of fixed atoms and of the whole where nothing is fixed."""
    free = free_atoms(structure)[:, None]
    masses = structure.get_masses()[:, None]
    drawn: FloatArray = np.where(free, rng.standard_normal((len(structure), 3)) / np.sqrt(masses), 0.0)
    if free.all() and len(structure) > 1:
        drawn -= (masses * drawn).sum(axis=0) / masses.sum()
    return drawn
