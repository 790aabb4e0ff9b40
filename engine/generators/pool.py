"""A pool: structures of a file and data sets of the crystal, offered a chunk at a time, each once.

They are candidates as they are: nothing is relaxed, and no energy in the file is a label.
"""

from __future__ import annotations

import numpy as np
from ase import Atoms

from engine.config import PoolSettings
from engine.datasets import DATASETS, scaled, volume_ratios
from engine.errors import StructureError
from engine.protocols import EMPTY, Archive, Generator, Potential, Proposal, State
from engine.space import Space

_GOLDEN = (5**0.5 - 1) / 2  # its multiples, without their whole parts, spread evenly however many there are


class Pool:
    """Offers the crystal's data sets first, their kinds taking turns, then the file from its start.

    Parameters
    ----------
    settings : file, kinds and how many at a time
    space : the crystal, and where the file is looked for
    """

    def __init__(self, settings: PoolSettings, space: Space) -> None:
        self._settings = settings
        self._space = space
        self._made = settings.count * len(settings.kinds)
        spread = np.arange(settings.count) * _GOLDEN % 1
        self._ratios = volume_ratios(settings.count)[spread.argsort().argsort()]

    def start(self, structure: Atoms | None = None) -> State:
        """State before the first step: nothing offered."""
        return {"offered": 0, "offset": 0, "size": None, "done": False}

    def step(
        self, state: State, potential: Potential, rng: np.random.Generator, archive: Archive = EMPTY
    ) -> tuple[State, list[Proposal]]:
        """Offer the next chunk; with everything offered, nothing, and the state is ``done``.

        Raises
        ------
        StructureError
            if the file, or one of its structures, cannot be used, or it has changed on the way; or if the
            crystal is too dense for random structures
        """
        first = state["offered"]
        after = dict(state)
        if first < self._made:
            structures = self._generated(first, min(first + self._settings.chunk, self._made), rng)
        elif self._settings.source is not None:
            file = self._space.pool(self._settings.source)
            after["size"] = file.size()
            if state["size"] not in (None, after["size"]):
                raise StructureError(f"{file.path.name} has changed since its first structures were offered")
            read, after["offset"] = file.read(first - self._made, state["offset"], self._settings.chunk)
            structures = [self._boxed(structure) for structure in read]
        else:
            structures = []
        after |= {"offered": first + len(structures), "done": not structures}
        return after, [Proposal(structure) for structure in structures]

    def _generated(self, first: int, stop: int, rng: np.random.Generator) -> list[Atoms]:
        """Structures `first` to `stop` of the data sets: the k-th is of kind k modulo their number."""
        kinds, found = self._settings.kinds, []
        for turn, kind in enumerate(kinds):
            places = [k // len(kinds) for k in range(first, stop) if k % len(kinds) == turn]
            if kind == "volume":
                found += scaled(self._space.substrate, self._ratios[places])
            else:
                found += DATASETS[kind](self._space.substrate, len(places), rng)
        return found

    def _boxed(self, structure: Atoms) -> Atoms:
        """Put a cluster that has no cell into the middle of the campaign's box."""
        if structure.cell.rank == 0:
            structure.set_cell(self._space.substrate.cell)
            structure.positions += self._space.middle - structure.positions.mean(axis=0)
        return structure


_: type[Generator] = Pool
