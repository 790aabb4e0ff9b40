"""Structures from files: any format that ASE reads, one clear line for what cannot be used.

Every file that a person names is read by `read_frames` and examined by `check_atoms`.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
from ase import Atoms
from ase.data import covalent_radii

from engine.errors import StructureError

MAX_ATOMS = 1000
"""The gradient of SOAP grows with n²: 1.5 GB here."""

ON_TOP = 0.5
"""Nearer than this, in units of the covalent sum, two atoms are one that was written twice."""

BONDED = 1.3  # longest bond, in units of the covalent sum
_GAP = 4.0  # Å: layers further apart than this are no slab

FLAT = 1e-3
"""Å³: a cell of less is none."""

FARTHEST = 1e4
"""Positions and cells beyond this (Å) are a mistake of units, or worse."""


FORMATS = {
    ".xyz": "extxyz",
    ".extxyz": "extxyz",
    ".cif": "cif",
    ".vasp": "vasp",
    ".poscar": "vasp",
    ".pdb": "proteindatabank",
    ".gen": "gen",
}
"""Formats of plain text that an ending settles: ASE would look at what is in the file first, and some of its
readers open other files that are named in there."""


def read_frames(path: Path, index: str = ":") -> list[Atoms]:
    """Read every structure of a file, or those that `index` chooses, as ASE gives them.

    Raises
    ------
    StructureError
        if the file is not there, is empty, cannot be read, or holds no structure; its name is left out
    """
    if not path.is_file():
        raise StructureError(f"is not there (looked for {path})")
    if path.stat().st_size == 0:
        raise StructureError("is empty")
    structures = parse_frames(path, index)
    if not structures:
        raise StructureError("holds no structure")
    return structures


def parse_frames(source: Path | IO[str], index: str, form: str | None = None) -> list[Atoms]:
    """Read the structures that `index` chooses from a file, or from text in ASE's format `form`; maybe none.

    A file's ending settles its format, where it is one of `FORMATS`; else ASE finds it out. Of an ASE
    database each structure's ``info`` has what is beside it, as of extended XYZ.

    Raises
    ------
    StructureError
        if it cannot be read; its name is left out
    """
    import ase.io  # takes longer to import than the settings that name the file

    if form is None and isinstance(source, Path):
        form = FORMATS.get(source.suffix.lower())
    try:
        if form == "extxyz" and isinstance(source, Path):
            with source.open("rb") as file:
                source = io.StringIO(next_frames(file))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if isinstance(source, Path) and source.suffix == ".db":
                return _from_database(source, index)
            found: Any = ase.io.read(source, index=index, format=form, do_not_split_by_at_sign=True)
    except StructureError:
        raise
    except Exception as error:  # the seam: a reader may raise anything
        raise _unreadable(" ".join(str(error).split())[:120] or type(error).__name__) from error
    return list(found) if isinstance(found, list) else [found]


def _unreadable(why: str) -> StructureError:
    return StructureError(f"cannot be read as a structure, it may be truncated ({why})")


def _from_database(path: Path, index: str) -> list[Atoms]:
    from ase.db import connect  # noqa: TID251 - a person's file, not the campaign's
    from ase.io.formats import string2index

    with connect(str(path), use_lock_file=False) as database:
        wanted = string2index(index)
        one = slice(wanted, wanted + 1 or None) if isinstance(wanted, int) else wanted
        start, stop, _ = one.indices(database.count())
        rows = database.select(offset=start, limit=stop - start) if stop > start else ()
        return [row.toatoms(add_additional_information=True) for row in rows]


def next_frames(file: BinaryIO, first: int = 0, count: int | None = None) -> str:
    """Lines of the next frames of an XYZ file, all or `count`, numbered from `first` on.

    Empty lines between frames are left out: ASE would take one for the end of the file.

    Raises
    ------
    StructureError
        if it holds something else, or a structure that is too large
    """
    lines: list[bytes] = []
    k = first
    while count is None or k < first + count:
        line = file.readline()
        if not line:
            break
        if not line.strip():
            continue
        if lines and line.lstrip().startswith(b"VEC"):  # a cell vector, as some programs write it
            lines.append(line)
            continue
        if not line.strip().isdigit():
            raise _unreadable(f"structure {k} begins with no number of atoms")
        if int(line) > MAX_ATOMS:
            raise StructureError(f"structure {k}: holds {int(line)} atoms: at most {MAX_ATOMS} can be used")
        lines += [line, *(file.readline() for _ in range(int(line) + 1))]
        if not lines[-1]:
            raise _unreadable(f"it ends inside of structure {k}")
        k += 1
    return b"".join(lines).decode(errors="replace")


def read_cluster(path: Path) -> Atoms:
    """Read one molecule or cluster: its atoms and which of them are fixed, without box and results.

    Raises
    ------
    StructureError
        if the file cannot be read, holds no single structure, or one that no search can start from
    """
    try:
        structure = _only_structure(path)
        check_atoms(structure)
        _check_cell(structure)
    except StructureError as error:
        raise StructureError(f"{path.name} {error}") from error
    cluster = Atoms(structure.numbers, structure.positions)
    cluster.set_constraint(structure.constraints)
    return cluster


def read_slab(path: Path) -> Atoms:
    """Read a slab: its atoms, its cell and which atoms are fixed; periodic along a and b.

    Raises
    ------
    StructureError
        if the file cannot be read, holds no single structure, or one that is not a slab along z
    """
    try:
        structure = _only_structure(path)
        check_atoms(structure)
        _check_slab(structure)
    except StructureError as error:
        raise StructureError(f"{path.name} {error}") from error
    slab = Atoms(structure.numbers, structure.positions, cell=structure.cell, pbc=(True, True, False))
    slab.set_constraint(structure.constraints)
    return slab


def read_crystal(path: Path) -> Atoms:
    """Read a crystal: its atoms and its cell, periodic along all three directions, nothing fixed.

    Raises
    ------
    StructureError
        if the file cannot be read, holds no single structure, or one that is no crystal
    """
    try:
        structure = _only_structure(path)
        check_atoms(structure)
        check_periodic(structure)
    except StructureError as error:
        raise StructureError(f"{path.name} {error}") from error
    return Atoms(structure.numbers, structure.positions, cell=structure.cell, pbc=True)


def _only_structure(path: Path) -> Atoms:
    structures = read_frames(path)
    if len(structures) > 1:
        mixed = len({np.asarray(s.cell).round(6).tobytes() for s in structures}) > 1
        words = " with different cells" if mixed else ""
        raise StructureError(f"holds {len(structures)} structures{words}: a search starts from one")
    first: Atoms = structures[0]
    return first


def check_atoms(structure: Atoms) -> None:
    """See that a structure can be described, whatever it is used for.

    Raises
    ------
    StructureError
        if it is too small or too large, holds no known elements or no finite positions, is periodic without
        a cell, has constraints other than fixed atoms, or two of its atoms are in one place
    """
    from ase.constraints import FixAtoms

    n_atoms = len(structure)
    if n_atoms < 2:
        raise StructureError(f"holds {'one atom' if n_atoms else 'no atoms'}: there is nothing to search")
    if n_atoms > MAX_ATOMS:
        raise StructureError(f"holds {n_atoms} atoms: at most {MAX_ATOMS} can be searched")
    unknown = np.flatnonzero((structure.numbers < 1) | (structure.numbers >= len(covalent_radii)))
    if len(unknown):
        raise StructureError(
            f"holds an unknown species: atom {unknown[0]} is {structure.symbols[unknown[0]]}"
        )
    broken = np.flatnonzero(~np.isfinite(structure.positions).all(axis=1))
    if len(broken):
        raise StructureError(f"holds a position that is not a number: atom {broken[0]}")
    if not (np.abs([*structure.positions, *structure.cell]) < FARTHEST).all():
        raise StructureError(f"reaches beyond {FARTHEST:g} Å: positions and cells are in Å")
    if (np.linalg.norm(np.asarray(structure.cell), axis=1)[structure.pbc] < 1e-6).any():
        raise StructureError("is periodic along a direction in which it has no cell")
    if structure.pbc.any() and abs(structure.cell.complete().volume) < FLAT:
        raise StructureError("is periodic in a cell that is flat")
    if any(not isinstance(constraint, FixAtoms) for constraint in structure.constraints):
        raise StructureError("holds constraints other than fixed atoms")
    _check_overlap(structure)


def check_periodic(structure: Atoms, along: Sequence[bool] = (True, True, True)) -> None:
    """See that a structure is periodic along these vectors of its cell.

    Raises
    ------
    StructureError
        if it is not
    """
    missing = [
        name for name, needed, there in zip("abc", along, structure.pbc, strict=True) if needed > there
    ]
    if missing:
        raise StructureError(f"is not periodic along {', '.join(missing)}, as the campaign's system is")


def _check_overlap(structure: Atoms) -> None:
    """Images of periodic structures count."""
    from ase.neighborlist import neighbor_list

    radii = covalent_radii[structure.numbers]
    first, second, distance = neighbor_list("ijd", structure, list(ON_TOP * radii))
    if len(distance):
        worst = int(np.argmin(distance / (radii[first] + radii[second])))
        i, j = sorted((int(first[worst]), int(second[worst])))
        pair = f"{structure.symbols[i]}{i} and {structure.symbols[j]}{j}"
        raise StructureError(f"holds atoms on top of each other: {pair} are {distance[worst]:.2f} Å apart")


def _check_cell(structure: Atoms) -> None:
    """A cluster in a periodic box may pass, a crystal, a slab or a cluster cut by the box may not."""
    from ase.neighborlist import neighbor_list

    if not structure.pbc.any():
        return
    shifts = neighbor_list("S", structure, list(BONDED * covalent_radii[structure.numbers]))
    if shifts.any():
        raise StructureError("is periodic, with bonds through its box: only molecules and clusters can start")


def _check_slab(structure: Atoms) -> None:
    a, b = np.asarray(structure.cell)[:2]
    if not structure.pbc[:2].all() or np.linalg.norm(np.cross(a, b)) < 1e-6:
        raise StructureError("is not periodic along a and b: a slab has a cell")
    if abs(a[2]) > 1e-6 or abs(b[2]) > 1e-6:
        raise StructureError("has edges that are not in the xy plane: a slab's surface looks along z")
    gap = np.diff(np.sort(structure.positions[:, 2])).max()
    if gap > _GAP:
        raise StructureError(f"has {gap:.1f} Å of nothing inside: shift it along z until it is in one piece")
