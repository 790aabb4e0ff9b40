"""The watch over metastable states: long trajectories, cut where they jump from one state to another.

Kang, Purcell, Carbogno, Scheffler, arXiv 2409.11808. Signals are the largest displacement of an atom, from
the sites of a crystal or else from the structure that the trajectories began in, the uncertainty, and in a
crystal σᴬ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from ase import Atoms

from engine.config import WatchSettings
from engine.generators.frames import displacements, farthest, said_of
from engine.math import anharmonicity, harmonic_forces, jump_scores, jumps
from engine.potentials.dynamics import Bath, evolve, thermal_velocities
from engine.potentials.force_constants import force_constants
from engine.potentials.relax import relax
from engine.protocols import FloatArray, Potential

_FMAX, _STEPS = 0.05, 200  # of the relaxation in which trajectories begin (eV/Å)


@dataclass(frozen=True)
class Jump:
    """A jump of one or several signals.

    Attributes
    ----------
    frame : the first one of the new level
    scores : of each signal that jumped, in standard deviations of its noise
    """

    frame: int
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Visit:
    """A trajectory in one state, from frame `begin` to the one before `end`; `structure` is its median."""

    begin: int
    end: int
    structure: Atoms


@dataclass(frozen=True)
class Trajectory:
    """What became of one trajectory of `n` frames.

    Attributes
    ----------
    frames : in the order of time
    energy : (n,) eV, as the potential claims
    signals : by name (n,): displacement in Å, uncertainty in eV/Å or eV an atom, anharmonicity
    jumps, visits : in the order of time; visits to the same state on both sides of a jump are one
    """

    frames: tuple[Atoms, ...]
    energy: FloatArray
    signals: Mapping[str, FloatArray]
    jumps: tuple[Jump, ...]
    visits: tuple[Visit, ...]


@dataclass(frozen=True)
class NewState:
    """A state that is like nothing known, and how a trajectory came into it.

    Attributes
    ----------
    trajectory : its number
    jump : into the state
    around : frames before, at and after the jump
    structure : median of the visit
    """

    trajectory: int
    jump: Jump
    around: tuple[int, int, int]
    structure: Atoms


def follow(
    sites: Atoms,
    potential: Potential,
    settings: WatchSettings,
    rng: np.random.Generator,
    allowed: Callable[[Atoms], bool] = lambda _: True,
) -> list[Trajectory]:
    """Follow trajectories from where the potential relaxes `sites` to, and find their jumps.

    Parameters
    ----------
    sites : a crystal's, or the structure to begin in
    potential : a committee, or any other
    settings : bath, signals, what a jump is
    allowed : where a trajectory may go
    """
    bath = Bath(settings.temperature, settings.timestep, settings.friction)
    (begin,) = relax([sites], potential, _FMAX, _STEPS).structures
    walkers = [begin if allowed(begin) else sites] * settings.trajectories
    stretch = evolve(
        walkers,
        [thermal_velocities(walker, bath.thermal_energy, rng) for walker in walkers],
        potential,
        bath,
        frames=settings.frames,
        steps=settings.steps,
        rng=rng,
        largest_force=settings.largest_force,
        allowed=allowed,
    )
    crystal = bool(sites.pbc.all()) and "anharmonicity" in settings.signals
    phi = force_constants(begin, potential) if crystal else None
    return [_looked_at(frames, begin, potential, settings, phi) for frames in stretch.frames if frames]


def _looked_at(
    frames: tuple[Atoms, ...],
    sites: Atoms,
    potential: Potential,
    settings: WatchSettings,
    phi: FloatArray | None,
) -> Trajectory:
    said = said_of(frames, potential, sites)
    away = np.array([displacements(frame, sites) for frame in frames])
    every = {"displacement": np.linalg.norm(away, axis=2).max(axis=1)}
    if (u := said.uncertainty("max")) is not None:
        every["uncertainty"] = u
    if phi is not None:
        every["anharmonicity"] = anharmonicity(np.array(said.forces), harmonic_forces(phi, away))
    signals: dict[str, FloatArray] = {name: every[name] for name in settings.signals if name in every}
    found = _jumps(signals, settings)
    visits = _visits(sites, away, [jump.frame for jump in found], settings.same)
    return Trajectory(frames, said.energy * len(sites), signals, found, visits)


def _jumps(signals: Mapping[str, FloatArray], settings: WatchSettings) -> tuple[Jump, ...]:
    """Jumps of all signals; those within a window are one, at the place of the largest."""
    places = [
        (int(place), name, float(jump_scores(series, settings.window)[place]))
        for name, series in signals.items()
        for place in jumps(series, settings.window, settings.threshold)
    ]
    groups: list[list[tuple[int, str, float]]] = []
    for place in sorted(places):
        if groups and place[0] - groups[-1][0][0] < settings.window:
            groups[-1].append(place)
        else:
            groups.append([place])
    return tuple(
        Jump(max(group, key=lambda one: one[2])[0], {name: score for _, name, score in group})
        for group in groups
    )


def _visits(sites: Atoms, away: FloatArray, cuts: Sequence[int], same: float) -> tuple[Visit, ...]:
    """Median structures between the cuts; neighbours that are the same state are joined."""

    def visit(begin: int, end: int) -> Visit:
        structure = sites.copy()
        structure.positions += np.median(away[begin:end], axis=0)
        return Visit(begin, end, structure)

    visits: list[Visit] = []
    for begin, end in pairwise([0, *cuts, len(away)]):
        new = visit(begin, end)
        if visits and farthest(new.structure, visits[-1].structure) < same:
            visits[-1] = visit(visits[-1].begin, end)
        else:
            visits.append(new)
    return tuple(visits)


def new_states(
    trajectories: Sequence[Trajectory], known: Sequence[Atoms], settings: WatchSettings
) -> list[NewState]:
    """States that trajectories jumped into and that are like none of the known structures, each once.

    A state is where a trajectory stays for two windows. The frames before and after lie half a window from
    the jump, the one at it is the higher of the two on both sides.
    """
    there, half = [*known], settings.window // 2
    found: list[NewState] = []
    for number, trajectory in enumerate(trajectories):
        for jump in trajectory.jumps:
            visit = next(one for one in trajectory.visits if one.begin <= jump.frame < one.end)
            if len(found) == settings.most:
                return found
            if visit.end - visit.begin < 2 * settings.window:
                continue
            if any(farthest(visit.structure, other) < settings.same for other in there):
                continue
            there.append(visit.structure)
            at = max(jump.frame - 1, jump.frame, key=lambda k: float(trajectory.energy[k]))
            around = (jump.frame - 1 - half, at, jump.frame + half)
            found.append(NewState(number, jump, around, visit.structure))
    return found
