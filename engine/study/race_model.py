"""The committee of a race, fitted anew to the labels of each round."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engine.labelled import Labelled
from engine.protocols import Committee, FloatArray
from engine.study.race_protocol import RaceProtocol

Fit = Callable[[Sequence[Labelled], RaceProtocol, int], Committee]
"""From labels, what is asked and a seed to a committee."""


def fit_committee(labels: Sequence[Labelled], race: RaceProtocol, seed: int) -> Committee:
    """Networks or Δ-models, as asked, for the whole energy: nothing lies underneath."""
    # these bring torch: in a worker
    from engine.potentials.bootstrap_committee import BootstrapCommittee
    from engine.potentials.network_committee import NetworkCommittee

    structures = [one.structure for one in labels]
    energies = np.array([one.energy for one in labels])
    forces: list[FloatArray] = [one.forces for one in labels if one.forces is not None]
    if race.committee.kind == "bootstrap":
        return BootstrapCommittee.fit(structures, energies, race.committee, race.delta, forces, seed=seed)
    nothing = np.full(6, np.nan)
    stress = np.array([nothing if one.stress is None else one.stress for one in labels])
    return NetworkCommittee.fit(structures, energies, race.committee, forces, stress, seed=seed)
