"""Ascent of σ: labelled structures pushed to where the surrogate knows less.

Structures are made, not only pooled (Gupta, Koyama, Agrawal, Rondinelli, poster, 2021): each climbs the slope
of the standard deviation of its energy, within a trust radius of the label that it began in.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list

from engine.config import AscentSettings
from engine.generators.placement import in_box, in_region, place
from engine.generators.walkers import from_plain, to_plain
from engine.potentials.correction import Correction
from engine.potentials.delta import Delta
from engine.potentials.relax import free_atoms
from engine.protocols import EMPTY, Archive, FloatArray, Generator, Potential, Proposal, State
from engine.space import Space

_BOND, _TRIES = (0.75, 1.25), 100  # of what is placed where there is nothing to begin in
_SHORTEST = 0.01  # of the first step: shorter ones lead nowhere


class Ascent:
    """Begins in labelled structures; without a σ yet, in a random direction.

    Parameters
    ----------
    settings : steps and trust radius
    space : formula, box, surface or crystal, and region
    """

    def __init__(self, settings: AscentSettings, space: Space) -> None:
        self._settings = settings
        self._space = space

    def start(self, structure: Atoms | None = None) -> State:
        """State before the first step; a start structure is where it begins until there are labels."""
        return {"start": None if structure is None else to_plain(structure)}

    def step(
        self, state: State, potential: Potential, rng: np.random.Generator, archive: Archive = EMPTY
    ) -> tuple[State, list[Proposal]]:
        """Push some structures uphill together, and propose each where it came to.

        Raises
        ------
        StructureError
            if there is nothing to begin in, and the formula cannot be placed in the box
        """
        begin = self._begin(state, archive.labelled(), rng)
        pushed = [self._pushed(structure, rng) for structure in begin]
        correction = potential.correction if isinstance(potential, Delta) else None
        if correction is not None:
            pushed = self._climbed(begin, pushed, correction)
        for structure in pushed:
            structure.info = {"kind": "ascent"}
        return dict(state), [Proposal(structure) for structure in pushed]

    def _begin(self, state: State, known: Sequence[Atoms], rng: np.random.Generator) -> list[Atoms]:
        """Labelled structures, none twice; else copies of the start structure or crystal, or placed ones."""
        count = self._settings.structures
        if known:
            chosen = rng.choice(len(known), size=min(count, len(known)), replace=False)
            return [_bare(known[k]) for k in chosen]
        if state["start"] is not None:
            return [from_plain(state["start"]) for _ in range(count)]
        if not self._space.composition:
            return [_bare(self._space.substrate) for _ in range(count)]
        return [place(self._space, _BOND, _TRIES, rng) for _ in range(count)]

    def _pushed(self, structure: Atoms, rng: np.random.Generator) -> Atoms:
        """A little off: where a label is, σ has its least, and no slope."""
        direction = rng.standard_normal(structure.positions.shape)
        length = self._settings.push
        while length > _SHORTEST * self._settings.push:
            moved = self._moved(structure, structure, length * direction)
            if self._sane(moved, structure):
                return moved
            length *= 0.5
        return structure

    def _climbed(self, begin: list[Atoms], pushed: list[Atoms], correction: Correction) -> list[Atoms]:
        """Follow the slope of σ; a step that leads down, or to where it may not, is tried half as long."""
        settings = self._settings
        now, (std, slope) = pushed, uncertainty(correction, pushed)
        length = np.full(len(now), settings.step)
        for _ in range(settings.steps):
            tried = [self._stepped(*each) for each in zip(now, begin, slope, length, strict=True)]
            trial_std, trial_slope = uncertainty(correction, tried)
            for k, structure in enumerate(tried):
                if trial_std[k] > std[k] and self._sane(structure, begin[k]):
                    now[k], std[k], slope[k] = structure, trial_std[k], trial_slope[k]
                else:
                    length[k] *= 0.5
            if (length < _SHORTEST * settings.step).all():
                break
        return now

    def _stepped(self, structure: Atoms, begin: Atoms, slope: FloatArray, length: float) -> Atoms:
        """One step along the slope of σ, on which the atom that is pushed most moves by `length` (Å)."""
        steepest = np.linalg.norm(slope[free_atoms(structure)], axis=1).max(initial=0.0)
        return self._moved(structure, begin, slope * (length / steepest) if steepest > 0 else 0 * slope)

    def _moved(self, structure: Atoms, begin: Atoms, by: FloatArray) -> Atoms:
        """Moved, each free atom to within the trust radius of where it began."""
        moved = structure.copy()
        away = moved.positions + np.where(free_atoms(structure)[:, None], by, 0.0) - begin.positions
        far = np.linalg.norm(away, axis=1, keepdims=True) / self._settings.trust
        moved.positions = begin.positions + away / np.maximum(far, 1.0)
        return moved

    def _sane(self, structure: Atoms, begin: Atoms) -> bool:
        """Whether no atoms are too close, or closer than they were, and all are where they may be."""
        if not (in_box(structure) and in_region(structure, self._space)):
            return False
        nearest = nearest_pair(structure, self._settings.closest)
        return nearest >= min(self._settings.closest, nearest_pair(begin, self._settings.closest))


def uncertainty(correction: Correction, structures: Sequence[Atoms]) -> tuple[FloatArray, list[FloatArray]]:
    """Standard deviations of energies, (n,) eV, and their slopes, n arrays (n_atoms, 3) eV/Å.

    The forces of E − κσ are those of E plus κ dσ/dr: their difference is the slope.
    """
    mean, bound = (correction.lower_bound(structures, kappa) for kappa in (0.0, 1.0))
    std = np.asarray(mean.energy_std, dtype=float)
    return std, [b - m for b, m in zip(bound.forces, mean.forces, strict=True)]


def nearest_pair(structure: Atoms, most: float) -> float:
    """Distance of the nearest two atoms or images, in units of the covalent sum; at most `most`."""
    radii = covalent_radii[structure.numbers]
    first, second, distance = neighbor_list("ijd", structure, list(most * radii))
    ratio = distance / (radii[first] + radii[second])
    return float(ratio.min(initial=most))


def _bare(structure: Atoms) -> Atoms:
    """Without its label, its fixed atoms kept."""
    copy: Atoms = structure.copy()
    copy.calc = None
    return copy


_: type[Generator] = Ascent
