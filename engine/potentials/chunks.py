"""Batches that fit the memory."""

from __future__ import annotations

from collections.abc import Sequence

from ase import Atoms


def chunks(structures: Sequence[Atoms], most_atoms: int) -> list[list[Atoms]]:
    """Split structures, in their order, into lists of at most `most_atoms` atoms or of one structure."""
    split: list[list[Atoms]] = []
    size = 0
    for structure in structures:
        if not split or size + len(structure) > most_atoms:
            split.append([])
            size = 0
        split[-1].append(structure)
        size += len(structure)
    return split
