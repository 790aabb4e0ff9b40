"""Molecules and clusters from files: any format that ASE reads, one clear line for what cannot be used."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import ase.io
import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list

from engine.errors import StructureError

MAX_ATOMS = 1000
"""The gradient of SOAP grows with n²: 1.5 GB here."""

ON_TOP = 0.5
"""Nearer than this, in units of the covalent sum, two atoms are one that was written twice."""

BONDED = 1.3  # longest bond, in units of the covalent sum


def read_cluster(path: Path) -> Atoms:
    """Read one molecule or cluster: its atoms and which of them are fixed, without box and results.

    Raises
    ------
    StructureError
        if the file cannot be read, holds no single structure, or one that no search can start from
    """
    try:
        structure = _only_structure(path)
        _check_atoms(structure)
        _check_cell(structure)
    except StructureError as error:
        raise StructureError(f"{path.name} {error}") from error
    cluster = Atoms(structure.numbers, structure.positions)
    cluster.set_constraint(structure.constraints)
    return cluster


def _only_structure(path: Path) -> Atoms:
    if not path.is_file():
        raise StructureError(f"is not there (looked for {path})")
    if path.stat().st_size == 0:
        raise StructureError("is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found: Any = ase.io.read(path, index=":")
    except Exception as error:  # the seam: a reader may raise anything
        words = " ".join(str(error).split())[:120] or type(error).__name__
        raise StructureError(f"cannot be read as a structure, it may be truncated ({words})") from error
    structures = list(found) if isinstance(found, list) else [found]
    if not structures:
        raise StructureError("holds no structure")
    if len(structures) > 1:
        mixed = len({np.asarray(s.cell).round(6).tobytes() for s in structures}) > 1
        words = " with different cells" if mixed else ""
        raise StructureError(f"holds {len(structures)} structures{words}: a search starts from one")
    first: Atoms = structures[0]
    return first


def _check_atoms(structure: Atoms) -> None:
    n_atoms = len(structure)
    if n_atoms < 2:
        raise StructureError(f"holds {'one atom' if n_atoms else 'no atoms'}: there is nothing to search")
    if n_atoms > MAX_ATOMS:
        raise StructureError(f"holds {n_atoms} atoms: at most {MAX_ATOMS} can be searched")
    unknown = np.flatnonzero(structure.numbers < 1)
    if len(unknown):
        raise StructureError(
            f"holds an unknown species: atom {unknown[0]} is {structure.symbols[unknown[0]]}"
        )
    broken = np.flatnonzero(~np.isfinite(structure.positions).all(axis=1))
    if len(broken):
        raise StructureError(f"holds a position that is not a number: atom {broken[0]}")
    if any(not isinstance(constraint, FixAtoms) for constraint in structure.constraints):
        raise StructureError("holds constraints other than fixed atoms")
    radii = covalent_radii[structure.numbers]
    distances = np.linalg.norm(structure.positions[:, None] - structure.positions, axis=-1)
    ratio = distances / np.add.outer(radii, radii)
    np.fill_diagonal(ratio, np.inf)
    i, j = sorted(int(k) for k in np.unravel_index(ratio.argmin(), ratio.shape))
    if ratio[i, j] < ON_TOP:
        pair = f"{structure.symbols[i]}{i} and {structure.symbols[j]}{j}"
        raise StructureError(f"holds atoms on top of each other: {pair} are {distances[i, j]:.2f} Å apart")


def _check_cell(structure: Atoms) -> None:
    """A cluster in a periodic box may pass, a crystal, a slab or a cluster cut by the box may not."""
    if not structure.pbc.any():
        return
    if (np.linalg.norm(np.asarray(structure.cell), axis=1)[structure.pbc] < 1e-6).any():
        raise StructureError("is periodic along a direction in which it has no cell")
    shifts = neighbor_list("S", structure, list(BONDED * covalent_radii[structure.numbers]))
    if shifts.any():
        raise StructureError("is periodic, with bonds through its box: only molecules and clusters can start")
