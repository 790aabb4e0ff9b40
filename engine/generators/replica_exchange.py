"""Replica exchange: walkers at rising temperatures, relaxed in one batch, that swap places.

Pitfield, Christiansen, Hammer, PCCP 2026 (arXiv 2507.18485). The cold walkers refine, the hot ones cross
barriers, and the hottest is a fresh random cluster in each round.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from engine.config import ReplicaExchangeSettings
from engine.generators.hop import hop, metropolis
from engine.generators.placement import in_region, place
from engine.generators.walkers import from_plain, proposals_of, to_plain
from engine.math import adapted, geometric_ladder, swap_neighbours
from engine.potentials.relax import relax
from engine.protocols import EMPTY, Archive, Generator, Potential, Proposal, State
from engine.space import Space

RECENT = 10  # moves from which a walker learns its amplitude


class ReplicaExchange:
    """Metropolis walkers on the relaxed energies, one a temperature, coldest first.

    An amplitude belongs to its temperature; a swap exchanges the structures. Energies are those of the
    present potential: where a walker stands is evaluated again in each round, so also after a refit.

    Parameters
    ----------
    settings : ladder, amplitudes and swaps
    space : formula, box or surface, and region
    """

    def __init__(self, settings: ReplicaExchangeSettings, space: Space) -> None:
        self._settings = settings
        self._space = space
        self._kT = geometric_ladder(*settings.kT, settings.walkers)

    def start(self, structure: Atoms | None = None) -> State:
        """State before the first round; the walkers stand nowhere yet."""
        n = self._settings.walkers
        amplitudes = geometric_ladder(*self._settings.amplitude, n)
        return {
            "start": None if structure is None else to_plain(structure),
            "random": structure is None,
            "round": 0,
            "kT": self._kT.tolist(),
            "walkers": [],
            "energy": [],
            "amplitude": amplitudes.tolist(),
            "recent": [[] for _ in range(n)],
            "swaps": [[0, 0] for _ in range(n - 1)],
            "moved": [False] * n,
        }

    def step(
        self, state: State, potential: Potential, rng: np.random.Generator, archive: Archive = EMPTY
    ) -> tuple[State, list[Proposal]]:
        """One round: every walker hops and is accepted or not; neighbours may swap.

        Raises
        ------
        StructureError
            if the formula cannot be placed in the box
        """
        if state["walkers"] and len(state["walkers"]) != self._settings.walkers:  # campaign.toml was edited
            begin = None if state["random"] else from_plain(state["walkers"][0])
            state = {**self.start(begin), "round": state["round"]}
        if not state["walkers"]:
            return self._first(state, potential, rng)
        walkers = [from_plain(walker) for walker in state["walkers"]]
        trials = self._trials(state, walkers, rng)
        before = potential.predict(walkers).energy
        relaxed = relax(trials, potential, self._settings.fmax, self._settings.steps)
        accepted = metropolis(relaxed.energy - before, self._kT, rng)
        if state["random"]:
            accepted[-1] = np.isfinite(relaxed.energy[-1])
        accepted &= [in_region(trial, self._space) for trial in relaxed.structures]
        stands = [t if a else w for w, t, a in zip(walkers, relaxed.structures, accepted, strict=True)]
        energy = np.where(accepted, relaxed.energy, before)
        moved = accepted | np.array(state.get("moved", False))  # campaigns from before 2026-11-30 lack it
        after = self._learnt(state, accepted)
        if after["round"] % self._settings.swap_every == 0:
            order = swap_neighbours(energy, self._kT, rng)
            after["swaps"] = _counted(state["swaps"], order)
            stands, energy, moved = [stands[k] for k in order], energy[order], moved[order]
        after |= {"walkers": [to_plain(walker) for walker in stands], "energy": energy.tolist()}
        every = self._settings.offer_every
        if not every:
            return after, proposals_of(relaxed.structures, relaxed.energy)
        if after["round"] % every:
            return {**after, "moved": moved.tolist()}, []
        fresh = proposals_of(stands, np.where(moved, energy, np.nan))
        return {**after, "moved": [False] * len(stands)}, fresh

    def _first(
        self, state: State, potential: Potential, rng: np.random.Generator
    ) -> tuple[State, list[Proposal]]:
        """Relax what the walkers begin in: the start structure, or a random cluster for each."""
        settings, n = self._settings, self._settings.walkers
        begin = (
            [place(self._space, settings.bond, settings.tries, rng) for _ in range(n)]
            if state["random"]
            else [from_plain(state["start"])]
        )
        relaxed = relax(begin, potential, settings.fmax, settings.steps)
        inside = [in_region(end, self._space) for end in relaxed.structures]
        usable = np.isfinite(relaxed.energy) & inside
        stands = [
            end if use else origin for origin, end, use in zip(begin, relaxed.structures, usable, strict=True)
        ]
        energy = np.where(usable, relaxed.energy, potential.predict(begin).energy)
        coldest_first = np.argsort(energy, kind="stable")
        order = [int(coldest_first[k % len(stands)]) for k in range(n)]
        after = {
            **state,
            "start": None,
            "walkers": [to_plain(stands[k]) for k in order],
            "energy": energy[order].tolist(),
        }
        found = proposals_of(relaxed.structures, relaxed.energy)
        return after, [replace(one, walker=order.index(one.walker or 0)) for one in found]

    def _trials(self, state: State, walkers: list[Atoms], rng: np.random.Generator) -> list[Atoms]:
        settings, space = self._settings, self._space
        trials = [
            hop(walker, amplitude, settings, space, rng)
            for walker, amplitude in zip(walkers, state["amplitude"], strict=True)
        ]
        if state["random"]:
            trials[-1] = place(space, settings.bond, settings.tries, rng)
        return trials

    def _learnt(self, state: State, accepted: NDArray[np.bool_]) -> dict[str, Any]:
        """Count the round; adapt each amplitude to accept half of the moves."""
        recent = [[*moves, bool(a)][-RECENT:] for moves, a in zip(state["recent"], accepted, strict=True)]
        amplitude = [adapted(a, moves) for a, moves in zip(state["amplitude"], recent, strict=True)]
        return {**state, "round": state["round"] + 1, "recent": recent, "amplitude": amplitude}


def _counted(swaps: list[list[int]], order: NDArray[np.int64]) -> list[list[int]]:
    """[attempted, accepted] of each pair of neighbours, after one more sweep that led to `order`."""
    standing = list(range(len(order)))
    counted = []
    for i, (attempted, done) in enumerate(swaps):
        swapped = standing[i] != order[i]
        if swapped:
            standing[i], standing[i + 1] = standing[i + 1], standing[i]
        counted.append([attempted + 1, done + int(swapped)])
    return counted


_: type[Generator] = ReplicaExchange
