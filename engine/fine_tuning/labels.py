"""What a universal potential is fine-tuned to: a campaign's labels, moved to its own zero of energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from engine.errors import CampaignError
from engine.labelled import Labelled
from engine.loop.pretraining import labels_of
from engine.protocols import FloatArray, Potential

_TOGETHER = 16  # structures that the potential is asked for at once


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Structures with the energies and forces that a trainer is given.

    Attributes
    ----------
    structures : n structures, nothing fixed
    energies : (n,) eV, from the potential's own zero
    forces : n arrays (n_atoms, 3) eV/Å
    """

    structures: Sequence[Atoms]
    energies: FloatArray
    forces: Sequence[FloatArray]

    def __getitem__(self, chosen: NDArray[np.int64]) -> TrainingData:
        """Some of them."""
        return TrainingData(
            [self.structures[k] for k in chosen], self.energies[chosen], [self.forces[k] for k in chosen]
        )


def read_labels(folder: Path) -> list[Labelled]:
    """A campaign's own labels.

    Raises
    ------
    CampaignError
        if there is no campaign, or it has fewer than two labels: one to learn from, one to be judged by
    """
    labels = labels_of(folder)
    if len(labels) < 2:
        raise CampaignError(f"{folder} has {len(labels)} labels: a potential is fine-tuned to 2 or more")
    return labels


def moved(labels: Sequence[Labelled], base: Potential) -> tuple[TrainingData, dict[str, float]]:
    """Move the labels to the zero of `base`, by an offset an atom of each species, least squares.

    So a trainer learns shapes and not the difference of two programs' zeros.

    Returns
    -------
    the data, and what was subtracted of each atom (eV)
    """
    structures = [label.structure for label in labels]
    said = np.concatenate(
        [base.predict(structures[k : k + _TOGETHER]).energy for k in range(0, len(structures), _TOGETHER)]
    )
    symbols = sorted({symbol for structure in structures for symbol in structure.symbols})
    counts = np.array(
        [[structure.symbols.count(s) for s in symbols] for structure in structures], dtype=float
    )
    energies = np.array([label.energy for label in labels])
    offsets = np.linalg.lstsq(counts, energies - said, rcond=None)[0]
    forces = [np.asarray(label.forces) for label in labels]
    data = TrainingData(structures, energies - counts @ offsets, forces)
    return data, dict(zip(symbols, offsets.tolist(), strict=True))
