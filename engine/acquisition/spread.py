"""The batch of the rules that ask where a committee's members differ.

Greedy, with an imagined label on each pick: the members are samples of a normal distribution, and the next
pick is where they differ still. So near-twins are together hardly worth more than one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.acquisition.greedy import greedy
from engine.config import SelectionSettings
from engine.math import condition
from engine.protocols import FloatArray, Pick, Pool


@dataclass(frozen=True, eq=False)
class Said:
    """What the members of a committee say of n structures.

    Attributes
    ----------
    values : (K, n, k) of k responses
    noise : (k,) standard deviation that a label leaves of each
    whole : (n,) what an imagined label of the one response says; None: what the members' mean says
    alone : whether there is no committee: then nobody knows what a label tells of the others
    """

    values: FloatArray
    noise: FloatArray
    whole: FloatArray | None = None
    alone: bool = False

    def told(self, index: int) -> Said:
        """The same with an imagined label on one structure: K² n k of work."""
        if self.alone:
            return self
        n_members, n, n_responses = self.values.shape
        label = None if self.whole is None else float(self.whole[index])
        # a label mixes the members in the same way at every structure: the unit matrix beside learns how
        seen = np.hstack([self.values[:, index], np.eye(n_members)])
        for k, noise in enumerate(self.noise):
            seen = condition(seen, k, float(noise), label)
        mixed = seen[:, n_responses:] @ self.values.reshape(n_members, -1)
        return replace(self, values=mixed.reshape(n_members, n, n_responses))


def said_of_energies(pool: Pool, settings: SelectionSettings, whole: FloatArray | None = None) -> Said:
    """Energies per atom (eV), less those of the first member: exactly 0 where all agree.

    A label leaves the target accuracy, per atom of the pool's mean size. Without a committee two members
    stand for it whose standard deviation, over K − 1, is the surrogate's.
    """
    n_atoms = per_atom(pool)
    noise = np.array([settings.entropy_target / n_atoms.mean()])
    if pool.committee is None:
        std = energy_std(pool)
        values = np.array([np.zeros_like(std), np.sqrt(2.0) * std])
    else:
        values = pool.committee - pool.committee[0]
        whole = None if whole is None else (whole - pool.committee[0]) / n_atoms
    return Said((values / n_atoms)[..., None], noise, whole, alone=pool.committee is None)


def spread_batch(
    pool: Pool, count: int, flag_penalty: float, said: Said, utility: Callable[[FloatArray], FloatArray]
) -> list[Pick]:
    """Pick the largest utility, imagine its label, repeat.

    A flagged structure is picked only when no other is left. Members that agree on all prefer none: then the
    lowest energy comes first.

    Parameters
    ----------
    pool : n proposals
    count : most picks
    flag_penalty : what a flag is worth (eV), for the term that is shown
    said : by the members
    utility : from what they say by now, (K, n, k), to what is maximised, (n,)

    Returns
    -------
    at most `count` picks, best first; their terms (eV) are promise, uncertainty (σ before the batch), checks
    """
    std = energy_std(pool)

    def terms(index: int) -> dict[str, float]:
        return {
            "promise": float(pool.energy.min() - pool.energy[index]),
            "uncertainty": float(std[index]),
            "checks": -flag_penalty * float(pool.n_flags[index]),
        }

    def picked(index: int) -> None:
        nonlocal said
        said = said.told(index)

    return greedy(pool, count, lambda: utility(said.values), terms, picked, flagged_last=True)


def per_atom(pool: Pool) -> FloatArray:
    """Number of atoms of each, (n,); 1 where all have the same number, for it then changes no order."""
    return np.ones(len(pool.energy)) if pool.n_atoms is None else pool.n_atoms.astype(float)


def energy_std(pool: Pool) -> FloatArray:
    """Standard deviation of each energy (eV): the surrogate's, else the members' over K − 1, else 0."""
    if pool.energy_std is not None:
        return pool.energy_std
    if pool.committee is None:
        return np.zeros(len(pool.energy))
    spread: FloatArray = (pool.committee - pool.committee[0]).std(axis=0, ddof=1)
    return spread
