"""Basin hopping: rattle some atoms, relax, accept or reject.

Wales & Doye, J. Phys. Chem. A 101, 5111 (1997). Several walkers hop at once, so that their relaxations share
a batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms
from ase.data import covalent_radii
from numpy.typing import NDArray

from engine.config import BasinHoppingSettings, SystemSettings
from engine.generators.placement import in_box, in_cube, place
from engine.potentials.relax import free_atoms, relax
from engine.protocols import FloatArray, Generator, Potential, Proposal, State


class BasinHopping:
    """Metropolis walkers on the relaxed energies.

    All begin in the campaign's start structure, or each in a random cluster of its own. What a hop led to is
    proposed whether or not its walker goes there.

    Parameters
    ----------
    settings : walkers, hops and temperature
    system : formula, box and confinement
    """

    def __init__(self, settings: BasinHoppingSettings, system: SystemSettings) -> None:
        self._settings = settings
        self._system = system

    def start(self, structure: Atoms | None = None) -> State:
        """State before the first step; the walkers stand nowhere yet."""
        return {
            "start": None if structure is None else _plain(structure),
            "walkers": [],
            "hops": 0,
            "accepted": 0,
        }

    def step(
        self, state: State, potential: Potential, rng: np.random.Generator
    ) -> tuple[State, list[Proposal]]:
        """Hop once with every walker; the first step relaxes what they begin in.

        Raises
        ------
        StructureError
            if the formula cannot be placed in the box
        """
        if not state["walkers"]:
            return self._first(state, potential, rng)
        settings = self._settings
        walkers = [_structure(walker) for walker in state["walkers"]]
        trials = [hop(walker, settings, self._system.confinement, rng) for walker in walkers]
        relaxed = relax(trials, potential, settings.fmax, settings.steps)
        # evaluated afresh: since the last step the potential may have been fitted again
        before = potential.predict(walkers).energy
        accepted = metropolis(relaxed.energy - before, settings.kT, rng)
        accepted &= [in_cube(trial, self._system.confinement) for trial in relaxed.structures]
        after = [
            trial if accept else walker
            for walker, trial, accept in zip(walkers, relaxed.structures, accepted, strict=True)
        ]
        return {
            "start": None,
            "walkers": [_plain(walker) for walker in after],
            "hops": state["hops"] + len(walkers),
            "accepted": state["accepted"] + int(accepted.sum()),
        }, _proposals(relaxed.structures, relaxed.energy)

    def _first(
        self, state: State, potential: Potential, rng: np.random.Generator
    ) -> tuple[State, list[Proposal]]:
        settings = self._settings
        if state["start"] is not None:
            begin = [_structure(state["start"])]
        else:
            begin = [place(self._system, settings.bond, settings.tries, rng) for _ in range(settings.walkers)]
        relaxed = relax(begin, potential, settings.fmax, settings.steps)
        stands = [
            _plain(end if np.isfinite(energy) and in_cube(end, self._system.confinement) else origin)
            for origin, end, energy in zip(begin, relaxed.structures, relaxed.energy, strict=True)
        ]
        walkers = [stands[k % len(stands)] for k in range(settings.walkers)]
        return {**state, "start": None, "walkers": walkers}, _proposals(relaxed.structures, relaxed.energy)


def hop(
    structure: Atoms, settings: BasinHoppingSettings, confinement: float, rng: np.random.Generator
) -> Atoms:
    """Move some free atoms to new places; the others stay.

    A place is at most `amplitude` away, inside the cube of edge `confinement` (Å) in the middle of the box,
    not nearer than the shortest bond to any atom and not further than the longest bond from one. An atom that
    finds none in `tries` stays too. A cluster without fixed atoms is first moved to the middle of the box.
    """
    trial = structure.copy()
    free = np.flatnonzero(free_atoms(trial))
    middle = trial.cell.sum(axis=0) / 2
    if len(free) == len(trial):
        trial.positions += middle - trial.positions.mean(axis=0)
    count = min(len(free), max(1, round(settings.fraction * len(free))))
    radii = covalent_radii[trial.numbers]
    for atom in rng.permutation(free)[:count]:
        others = np.arange(len(trial)) != atom
        sums = radii[others] + radii[atom]
        for _ in range(settings.tries):
            spot = trial.positions[atom] + _in_ball(settings.amplitude, rng)
            ratio = np.linalg.norm(trial.positions[others] - spot, axis=1) / sums
            confined = np.abs(spot - middle).max() <= confinement / 2
            if confined and settings.bond[0] <= ratio.min(initial=np.inf) <= settings.bond[1]:
                trial.positions[atom] = spot
                break
    return trial


def metropolis(rise: FloatArray, kT: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Accept each rise in energy (n,) (eV) with probability min(1, exp(−rise/kT)); nan is refused."""
    draws = rng.random(len(rise))
    with np.errstate(over="ignore"):
        return np.isfinite(rise) & (draws < np.exp(-np.where(np.isfinite(rise), rise, 0.0) / kT))


def _in_ball(radius: float, rng: np.random.Generator) -> FloatArray:
    """Uniform in a ball (Å)."""
    direction: FloatArray = rng.standard_normal(3)
    length: float = radius * rng.random() ** (1 / 3)
    return direction * (length / float(np.linalg.norm(direction)))


def _proposals(structures: tuple[Atoms, ...], energy: FloatArray) -> list[Proposal]:
    return [
        Proposal(structure)
        for structure, value in zip(structures, energy, strict=True)
        if np.isfinite(value) and in_box(structure)
    ]


def _plain(structure: Atoms) -> dict[str, Any]:
    """Plain JSON (Å), with the fixed atoms."""
    return {
        "numbers": structure.numbers.tolist(),
        "positions": structure.positions.tolist(),
        "cell": np.asarray(structure.cell).tolist(),
        "pbc": structure.pbc.tolist(),
        "fixed": np.flatnonzero(~free_atoms(structure)).tolist(),
    }


def _structure(plain: Mapping[str, Any]) -> Atoms:
    """Inverse of `_plain`."""
    structure = Atoms(plain["numbers"], plain["positions"], cell=plain["cell"], pbc=plain["pbc"])
    if plain["fixed"]:
        structure.set_constraint(FixAtoms(plain["fixed"]))
    return structure


_: type[Generator] = BasinHopping
