"""Basin hopping: rattle some atoms, relax, accept or reject.

Wales & Doye, J. Phys. Chem. A 101, 5111 (1997). Several walkers hop at once, so that their relaxations share
a batch.
"""

from __future__ import annotations

import numpy as np
from ase import Atoms

from engine.config import BasinHoppingSettings
from engine.generators.hop import hop, metropolis
from engine.generators.placement import in_region, place
from engine.generators.walkers import from_plain, proposals_of, to_plain
from engine.potentials.relax import relax
from engine.protocols import EMPTY, Archive, Generator, Potential, Proposal, State
from engine.space import Space


class BasinHopping:
    """Metropolis walkers on the relaxed energies.

    All begin in the campaign's start structure, or each in a random cluster of its own. What a hop led to is
    proposed whether or not its walker goes there.

    Parameters
    ----------
    settings : walkers, hops and temperature
    space : formula, box or surface, and region
    """

    def __init__(self, settings: BasinHoppingSettings, space: Space) -> None:
        self._settings = settings
        self._space = space

    def start(self, structure: Atoms | None = None) -> State:
        """State before the first step; the walkers stand nowhere yet."""
        return {
            "start": None if structure is None else to_plain(structure),
            "walkers": [],
            "hops": 0,
            "accepted": 0,
        }

    def step(
        self, state: State, potential: Potential, rng: np.random.Generator, archive: Archive = EMPTY
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
        walkers = [from_plain(walker) for walker in state["walkers"]]
        trials = [hop(walker, settings.amplitude, settings, self._space, rng) for walker in walkers]
        relaxed = relax(trials, potential, settings.fmax, settings.steps)
        # evaluated afresh: since the last step the potential may have been fitted again
        before = potential.predict(walkers).energy
        accepted = metropolis(relaxed.energy - before, settings.kT, rng)
        accepted &= [in_region(trial, self._space) for trial in relaxed.structures]
        after = [
            trial if accept else walker
            for walker, trial, accept in zip(walkers, relaxed.structures, accepted, strict=True)
        ]
        return {
            "start": None,
            "walkers": [to_plain(walker) for walker in after],
            "hops": state["hops"] + len(walkers),
            "accepted": state["accepted"] + int(accepted.sum()),
        }, proposals_of(relaxed.structures, relaxed.energy)

    def _first(
        self, state: State, potential: Potential, rng: np.random.Generator
    ) -> tuple[State, list[Proposal]]:
        settings = self._settings
        if state["start"] is not None:
            begin = [from_plain(state["start"])]
        else:
            begin = [place(self._space, settings.bond, settings.tries, rng) for _ in range(settings.walkers)]
        relaxed = relax(begin, potential, settings.fmax, settings.steps)
        stands = [
            to_plain(end if np.isfinite(energy) and in_region(end, self._space) else origin)
            for origin, end, energy in zip(begin, relaxed.structures, relaxed.energy, strict=True)
        ]
        walkers = [stands[k % len(stands)] for k in range(settings.walkers)]
        return {**state, "start": None, "walkers": walkers}, proposals_of(relaxed.structures, relaxed.energy)


_: type[Generator] = BasinHopping
