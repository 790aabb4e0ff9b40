"""GOFEE: candidates bred from what is labelled compete in E − κσ, and the lowest is proposed.

Bisbo & Hammer, Phys. Rev. Lett. 124, 086102 (2020); Phys. Rev. B 105, 245404 (2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from ase import Atoms

from engine.config import GOFEESettings
from engine.generators.hop import hop
from engine.generators.placement import in_box, in_region, place
from engine.generators.walkers import from_plain, proposals_of, to_plain
from engine.potentials.delta import Delta
from engine.potentials.lower_bound import LowerBound
from engine.potentials.relax import free_atoms, relax
from engine.protocols import EMPTY, Archive, FloatArray, Generator, Potential, Proposal, State
from engine.space import Space


class GOFEE:
    """Relaxes in the lower confidence bound; before the first fit, and without a σ, in the energy.

    Parameters
    ----------
    settings : candidates, parents and κ
    space : formula, box or surface, and region
    """

    def __init__(self, settings: GOFEESettings, space: Space) -> None:
        self._settings = settings
        self._space = space

    def start(self, structure: Atoms | None = None) -> State:
        """State before the first round; a start structure is the only parent until there are labels."""
        return {"start": None if structure is None else to_plain(structure), "round": 0}

    def step(
        self, state: State, potential: Potential, rng: np.random.Generator, archive: Archive = EMPTY
    ) -> tuple[State, list[Proposal]]:
        """One round: place and breed candidates, relax them together, and propose the lowest.

        Raises
        ------
        StructureError
            if the formula cannot be placed in the box
        """
        settings = self._settings
        fitted = isinstance(potential, Delta) and potential.correction is not None
        surface = LowerBound(potential, settings.kappa) if isinstance(potential, Delta) else potential
        known = archive.labelled() if fitted and state["round"] >= settings.random_rounds else []
        candidates = self._candidates(self._parents(state, potential, known), rng)
        relaxed = relax(candidates, surface, settings.fmax, settings.steps)
        inside = [in_region(structure, self._space) for structure in relaxed.structures]
        bound = np.where(np.isfinite(relaxed.energy) & inside, relaxed.energy, np.inf)
        lowest = int(np.argmin(bound))
        # the surrogate alone pulls at what rests in the bound, the more the less it knows
        left = float(relaxed.fmax[lowest])
        found = proposals_of([relaxed.structures[lowest]], bound[[lowest]])
        return {**state, "round": state["round"] + 1}, [replace(one, fmax=left, walker=None) for one in found]

    def _parents(self, state: State, potential: Potential, known: Sequence[Atoms]) -> list[Atoms]:
        begin = [] if state["start"] is None else [from_plain(state["start"])]
        if not known or not isinstance(potential, Delta) or potential.correction is None:
            return begin
        energy = np.array([structure.get_potential_energy() for structure in known])
        low = [int(k) for k in np.flatnonzero(energy <= energy.min() + self._settings.parent_window)]
        near = [known[k] for k in low]
        features = potential.correction.summed_features(near)
        return [near[k] for k in lowest_of_clusters(features, energy[low], self._settings.parents)]

    def _candidates(self, parents: Sequence[Atoms], rng: np.random.Generator) -> list[Atoms]:
        """Some random, the others rattled parents; all random without a parent."""
        settings = self._settings
        bred = 0 if not parents else settings.candidates - round(settings.random_share * settings.candidates)
        chosen = rng.integers(len(parents), size=bred) if bred else ()
        rattled = [
            hop(unlabelled(parents[k]), settings.amplitude, settings, self._space, rng) for k in chosen
        ]
        placed = [
            place(self._space, settings.bond, settings.tries, rng)
            for _ in range(settings.candidates - len(rattled))
        ]
        return rattled + placed


def dual_point(labelled: Atoms, step: float) -> Atoms | None:
    """The structure one step along its reference forces: the atom that feels the largest moves by `step` (Å).

    None where no free atom feels a force, there is no step, or it leads out of the box. Fixed atoms stay.
    """
    forces = np.where(free_atoms(labelled)[:, None], labelled.get_forces(apply_constraint=False), 0.0)
    largest = float(np.linalg.norm(forces, axis=1).max(initial=0.0))
    if not 0 < largest < np.inf or step <= 0:
        return None
    moved = unlabelled(labelled)
    moved.positions += forces * (step / largest)
    return moved if in_box(moved) else None


def lowest_of_clusters(features: FloatArray, energy: FloatArray, n: int) -> list[int]:
    """The lowest of each of at most `n` k-means clusters, lowest first.

    Parameters
    ----------
    features : (n_structures, d) summed descriptors
    energy : (n_structures,) eV
    n : clusters

    Returns
    -------
    Indices of structures
    """
    from sklearn.cluster import KMeans  # over a second, for which the preview of a campaign does not wait

    distinct = len(np.unique(features.round(6), axis=0))
    count = min(n, distinct)
    cluster = KMeans(count, n_init=1, random_state=0).fit_predict(features)
    lowest = [int(min(np.flatnonzero(cluster == c), key=lambda k: energy[k])) for c in range(count)]
    return sorted(lowest, key=lambda k: energy[k])


def unlabelled(structure: Atoms) -> Atoms:
    """A copy without its calculator."""
    copy: Atoms = structure.copy()
    return copy


_: type[Generator] = GOFEE
