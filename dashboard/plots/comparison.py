"""A candidate beside another structure: atoms matched, displacements as arrows and colours, and the words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.plots.structure_scene import LONGEST_ARROW, Vectors, scene

if TYPE_CHECKING:
    from ase import Atoms

    from engine.math import Match

AT_ONCE = 300, 1000
"""Most atoms that are matched while the page waits: of a cluster, which is turned too, and in a cell."""
MOST_ATOMS = 1000
"""Most that are matched at all, by a worker: of a cluster that takes five seconds."""


@dataclass(frozen=True)
class Energy:
    """What is known of a structure's energy (eV).

    Attributes
    ----------
    base : of the universal potential
    predicted, std : of the newest Δ-model; None without one
    label : of the reference; None without one
    """

    base: float
    predicted: float | None = None
    std: float | None = None
    label: float | None = None


@dataclass(frozen=True, eq=False)
class Pair:
    """Two structures side by side.

    Attributes
    ----------
    scene : of the other one, laid onto the candidate
    match : of their atoms; None where those cannot be matched
    words : what was done, in sentences
    """

    scene: dict[str, Any]
    match: Match | None
    words: tuple[str, ...]


def pair(atoms: Atoms, other: Atoms, name: str) -> Pair:
    """Lay `other`, whose id is `name`, onto `atoms`."""
    if sorted(atoms.numbers) != sorted(other.numbers):
        return unmatched(
            other, name, f"{name} is {other.symbols}, not {atoms.symbols}: its atoms cannot be matched."
        )
    if len(atoms) > MOST_ATOMS:
        return unmatched(
            other, name, f"{len(atoms)} atoms are too many to be matched: {name} is shown as it is."
        )
    match, done = _matched(atoms, other)
    placed = atoms.copy()
    placed.positions = match.placed
    longest = float(match.distances.max())
    scale = max(1.0, LONGEST_ARROW / longest) if longest > 0.01 else 1.0  # Å
    label = "displacement" if scale == 1 else f"displacement ×{scale:.1f}"
    drawn = scene(
        placed,
        values=match.distances,
        id=name,
        value_range=(0.0, longest),
        value_label="displacement",
        value_unit="Å",
        vectors=Vectors(match.displacements, label, "Å", scale),
    )
    return Pair(drawn, match, (_apart(match, atoms), *done))


def unmatched(other: Atoms, name: str, words: str) -> Pair:
    """The other one as it is, and why."""
    return Pair(scene(other, id=name), None, (words,))


def takes_long(atoms: Atoms) -> bool:
    """Whether a worker is to match its atoms."""
    return AT_ONCE[bool(atoms.pbc.any())] < len(atoms) <= MOST_ATOMS


def _matched(atoms: Atoms, other: Atoms) -> tuple[Match, list[str]]:
    from engine.math import match_atoms, match_periodic  # with scipy, for which the first page does not wait

    if not atoms.pbc.any():
        match = match_atoms(atoms.positions, atoms.numbers, other.positions, other.numbers)
        return match, ["Its mirror image is shown: that lies on the candidate better."] * match.mirrored
    places, words = other.positions, []
    if not np.allclose(atoms.cell, other.cell, atol=1e-3):
        places = other.cell.scaled_positions(other.positions) @ np.asarray(atoms.cell)
        words = ["Its cell is another: it is shown strained to the candidate's."]
    match = match_periodic(
        atoms.positions, atoms.numbers, places, other.numbers, cell=atoms.cell, pbc=atoms.pbc
    )
    return match, words


def _apart(match: Match, atoms: Atoms) -> str:
    worst = int(match.distances.argmax())
    if match.distances[worst] < 0.005:  # Å
        return "Every atom lies where its own lies there, within 0.01 Å."
    return (
        f"RMSD {match.rmsd:.2f} Å; atom {worst} ({atoms.symbols[worst]}) lies farthest from its own there, "
        f"{match.distances[worst]:.2f} Å."
    )


def energy_words(mine: Energy, theirs: Energy, name: str) -> str:
    """How the candidate's energy compares with the other's, of energies that count from one zero."""
    if mine.label is not None and theirs.label is not None:
        return f"Its label lies {_side(mine.label - theirs.label)} the label of {name}."
    if mine.predicted is None:
        words = "before the first fit no prediction counts from the zero of the labels."
        return f"In the universal potential it lies {_side(mine.base - theirs.base)} {name}; {words}"
    std = "" if mine.std is None else f" (σ {mine.std:.2f} eV)"
    if theirs.label is not None:
        return f"Predicted{std} to lie {_side(mine.predicted - theirs.label)} the label of {name}."
    own = mine.predicted if mine.label is None else mine.label
    said = f"Predicted{std}" if mine.label is None else "Labelled, and found"
    other = theirs.base if theirs.predicted is None else theirs.predicted
    return f"{said} to lie {_side(own - other)} what is predicted of {name}."


def _side(difference: float) -> str:
    return f"{abs(difference):.3f} eV {'below' if difference < 0 else 'above'}"
