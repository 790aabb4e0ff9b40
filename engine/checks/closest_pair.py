"""Atoms that are too close."""

from __future__ import annotations

from ase.data import covalent_radii
from ase.neighborlist import neighbor_list

from engine.config import ChecksSettings
from engine.protocols import Check, Examined, Flag


class ClosestPair:
    """Flags the pair whose distance is the smallest part of its covalent sum, if below the limit.

    Parameters
    ----------
    settings : smallest distance that passes, in units of the covalent sum
    """

    def __init__(self, settings: ChecksSettings) -> None:
        self._threshold = settings.closest_pair

    def __call__(self, examined: Examined) -> Flag | None:
        """Return a flag that names the two atoms, or None; periodic images count."""
        structure = examined.structure
        radii = covalent_radii[structure.numbers]
        first, second, distance = neighbor_list("ijd", structure, list(self._threshold * radii))
        if len(distance) == 0:
            return None
        ratio = distance / (radii[first] + radii[second])
        worst = int(ratio.argmin())
        i, j = sorted((int(first[worst]), int(second[worst])))
        symbols = structure.symbols
        pair = f"{symbols[i]}{i} and {symbols[j]}{j} are" if i != j else f"{symbols[i]}{i} and its image are"
        return Flag(
            "closest-pair",
            f"{pair} {distance[worst]:.2f} Å apart, {ratio[worst]:.2f} of their covalent sum",
        )


_: type[Check] = ClosestPair
