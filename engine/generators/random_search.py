"""Random structure search: place, relax in the surrogate, propose.

Pickard & Needs, J. Phys.: Condens. Matter 23, 053201 (2011).
"""

from __future__ import annotations

import numpy as np
from ase import Atoms

from engine.config import RandomSearchSettings
from engine.generators.placement import in_box, place
from engine.potentials.relax import relax
from engine.protocols import EMPTY, Archive, Generator, Potential, Proposal, State
from engine.space import Space


class RandomSearch:
    """Independent random clusters, relaxed together in one batch a step.

    Parameters
    ----------
    settings : how many, how placed and how far relaxed
    space : formula, box or surface, and region
    """

    def __init__(self, settings: RandomSearchSettings, space: Space) -> None:
        self._settings = settings
        self._space = space

    def start(self, structure: Atoms | None = None) -> State:
        """State before the first step: nothing placed; random clusters begin in no structure."""
        return {"placed": 0}

    def step(
        self, state: State, potential: Potential, rng: np.random.Generator, archive: Archive = EMPTY
    ) -> tuple[State, list[Proposal]]:
        """Place and relax one batch; what fell apart on the way is dropped.

        Raises
        ------
        StructureError
            if the formula cannot be placed in the box
        """
        settings = self._settings
        placed = [place(self._space, settings.bond, settings.tries, rng) for _ in range(settings.structures)]
        relaxed = relax(placed, potential, settings.fmax, settings.steps)
        proposals = [
            Proposal(structure)
            for structure, energy in zip(relaxed.structures, relaxed.energy, strict=True)
            if np.isfinite(energy) and in_box(structure)
        ]
        return {"placed": state["placed"] + len(placed)}, proposals


_: type[Generator] = RandomSearch
