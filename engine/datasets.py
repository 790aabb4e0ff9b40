"""Data sets of a crystal: volumes, small and large distortions, and random structures.

The four kinds of the silicon pool of Gupta, Koyama, Agrawal and Rondinelli (poster, 2021); each structure's
kind stands in its ``info["kind"]``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike

from engine.errors import StructureError
from engine.protocols import FloatArray

VOLUMES = (0.75, 1.30)
"""V/V0 of the first and the last of a volume series."""

RANDOM_VOLUMES = (0.8, 1.4)
"""V/V0 of random structures."""

MIN_DISTANCE = 1.8
"""Two atoms of a random structure, images among them, are no nearer (Å)."""

_TRIES = 500  # of one atom
_FRESH_STARTS = 20  # silicon's densest needs one or two


@dataclass(frozen=True)
class Distortion:
    """How far a kind of distortions goes.

    Attributes
    ----------
    rattle : least and most that the atoms of a structure move (Å), each in a direction of its own
    strain : most that any direction is stretched or compressed
    """

    rattle: tuple[float, float]
    strain: float


SMALL = Distortion((0.02, 0.08), 0.02)
LARGE = Distortion((0.15, 0.40), 0.10)

Dataset = Callable[[Atoms, int, np.random.Generator], list[Atoms]]


def scaled(crystal: Atoms, ratios: ArrayLike) -> list[Atoms]:
    """The crystal at each of the volumes V/V0 (n,), its atoms at their places in the cell."""
    found = []
    for ratio in np.asarray(ratios, dtype=float):
        structure = _bare(crystal, "volume")
        structure.set_cell(crystal.cell * ratio ** (1 / 3), scale_atoms=True)
        found.append(structure)
    return found


def volume_ratios(count: int) -> FloatArray:
    """V/V0 of a volume series, evenly spaced, ascending, (count,)."""
    return np.linspace(*VOLUMES, count)


def volume_series(crystal: Atoms, count: int, rng: np.random.Generator) -> list[Atoms]:  # noqa: ARG001
    """The crystal at `count` volumes from 0.75 to 1.30 V0, evenly spaced; nothing about it is random."""
    return scaled(crystal, volume_ratios(count))


def small_distortions(crystal: Atoms, count: int, rng: np.random.Generator) -> list[Atoms]:
    """Every atom moved by 0.02 to 0.08 Å, the same in a structure, and the cell strained by up to 2 %."""
    return [_distorted(crystal, SMALL, "small", rng) for _ in range(count)]


def large_distortions(crystal: Atoms, count: int, rng: np.random.Generator) -> list[Atoms]:
    """Every atom moved by 0.15 to 0.40 Å, the same in a structure, and the cell strained by up to 10 %."""
    return [_distorted(crystal, LARGE, "large", rng) for _ in range(count)]


def random_structures(crystal: Atoms, count: int, rng: np.random.Generator) -> list[Atoms]:
    """The crystal's atoms at random places of its cell, at 0.8 to 1.4 V0, no two nearer than 1.8 Å.

    Raises
    ------
    StructureError
        if the atoms do not fit
    """
    return [_random(crystal, rng) for _ in range(count)]


DATASETS: dict[str, Dataset] = {
    "volume": volume_series,
    "small": small_distortions,
    "large": large_distortions,
    "random": random_structures,
}
"""The kinds by name: each makes `count` structures of a crystal, periodic along all three directions."""


def _bare(crystal: Atoms, kind: str) -> Atoms:
    return Atoms(crystal.numbers, crystal.positions, cell=crystal.cell, pbc=True, info={"kind": kind})


def _distorted(crystal: Atoms, distortion: Distortion, kind: str, rng: np.random.Generator) -> Atoms:
    structure = _bare(crystal, kind)
    upper = np.triu(rng.standard_normal((3, 3)))
    strain = upper + np.triu(upper, 1).T
    strain *= rng.uniform(0, distortion.strain) / np.linalg.norm(strain, 2)
    structure.set_cell(crystal.cell @ (np.eye(3) + strain), scale_atoms=True)
    away = rng.standard_normal((len(structure), 3))
    structure.positions += rng.uniform(*distortion.rattle) * away / np.linalg.norm(away, axis=1)[:, None]
    return structure


def _random(crystal: Atoms, rng: np.random.Generator) -> Atoms:
    ratio = rng.uniform(*RANDOM_VOLUMES)
    structure = _bare(crystal, "random")
    structure.set_cell(crystal.cell * ratio ** (1 / 3))
    for _ in range(_FRESH_STARTS):
        positions = _apart(structure, rng)
        if positions is not None:
            structure.positions = positions
            return structure
    raise StructureError(
        f"{crystal.symbols} does not fit {structure.get_volume():.1f} Å³ with {MIN_DISTANCE} Å between any "
        f"two of its atoms: it is too dense for random structures"
    )


def _apart(box: Atoms, rng: np.random.Generator) -> FloatArray | None:
    """Uniform places (n, 3), one after the other, or None if an atom found none."""
    cell: FloatArray = box.cell.array
    images = _images(cell)
    if (np.linalg.norm(images[1:], axis=1) < MIN_DISTANCE).any():
        return None
    fractions: FloatArray = np.empty((len(box), 3))
    for n in range(len(box)):
        for _ in range(_TRIES):
            spot = rng.random(3)
            away = fractions[:n] - spot
            away -= np.round(away)
            if (np.linalg.norm(away @ cell + images[:, None], axis=2) >= MIN_DISTANCE).all():
                fractions[n] = spot
                break
        else:
            return None
    return fractions @ cell


def _images(cell: FloatArray) -> FloatArray:
    """Lattice vectors (Å), zero first, that lead from a vector within half a cell to all images in reach."""
    heights = 1 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    most = (MIN_DISTANCE / heights + 0.5).astype(int)
    steps = np.array(list(product(*(range(-n, n + 1) for n in most))), dtype=float)
    return steps[np.argsort(np.abs(steps).sum(axis=1), kind="stable")] @ cell
