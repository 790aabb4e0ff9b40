"""Walkers between two steps: plain JSON, and what they offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms

from engine.generators.placement import in_box
from engine.potentials.relax import free_atoms
from engine.protocols import FloatArray, Proposal


def to_plain(structure: Atoms) -> dict[str, Any]:
    """Plain JSON (Å), with the fixed atoms."""
    return {
        "numbers": structure.numbers.tolist(),
        "positions": structure.positions.tolist(),
        "cell": np.asarray(structure.cell).tolist(),
        "pbc": structure.pbc.tolist(),
        "fixed": np.flatnonzero(~free_atoms(structure)).tolist(),
    }


def from_plain(plain: Mapping[str, Any]) -> Atoms:
    """Inverse of `to_plain`."""
    structure = Atoms(plain["numbers"], plain["positions"], cell=plain["cell"], pbc=plain["pbc"])
    if plain["fixed"]:
        structure.set_constraint(FixAtoms(plain["fixed"]))
    return structure


def proposals_of(structures: Sequence[Atoms], energy: FloatArray) -> list[Proposal]:
    """Offer the structures, one a walker, that are in their box and whose energy (eV) is finite."""
    return [
        Proposal(structure, walker=walker)
        for walker, (structure, value) in enumerate(zip(structures, energy, strict=True))
        if np.isfinite(value) and in_box(structure)
    ]
