"""A file of structures, read a chunk at a time: however large it is, a step reads only what it offers."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ase import Atoms

from engine.errors import StructureError, one_line
from engine.structures import MAX_ATOMS, check_atoms, check_periodic, parse_frames

TEXT = (".xyz", ".extxyz")
"""Text whose frames are found by their number of lines; ASE would count them from the start each time."""

KINDS = ("kind", "config_type")
"""Keys under which a file may say of what kind a structure is; the second by custom of GAP's data sets."""


@dataclass(frozen=True)
class PoolFile:
    """A file in any format that ASE reads; energies, forces and constraints in it are left out.

    A structure's kind stands in its ``info["kind"]``: the file's word, or ``file``.

    Attributes
    ----------
    path : the file
    symbols : elements that may occur
    pbc : along which vectors of its cell each structure must be periodic
    """

    path: Path
    symbols: tuple[str, ...]
    pbc: tuple[bool, bool, bool]

    def size(self) -> int:
        """Bytes of the file.

        Raises
        ------
        StructureError
            if it is not there, or empty
        """
        if not self.path.is_file():
            raise StructureError(f"{self.path.name} is not there (looked for {self.path})")
        size = self.path.stat().st_size
        if size == 0:
            raise StructureError(f"{self.path.name} is empty")
        return size

    def read(self, first: int, offset: int, count: int) -> tuple[list[Atoms], int]:
        """Read the next structures.

        Parameters
        ----------
        first, offset : how many were read before, and the byte behind them as the call before returned it
        count : how many are wanted; fewer at the end of the file, none behind it

        Raises
        ------
        StructureError
            if the file, or one of these structures, cannot be used
        """
        self.size()
        try:
            if self.path.suffix in TEXT:
                with self.path.open("rb") as file:
                    file.seek(offset)
                    text = _frames(file, first, count)
                    offset = file.tell()
                frames = parse_frames(io.StringIO(text), ":", "extxyz") if text else []
            else:
                frames = parse_frames(self.path, f"{first}:{first + count}")
        except StructureError as error:
            raise StructureError(f"{self.path.name} {error}") from error
        if not first and not frames:
            raise StructureError(f"{self.path.name} holds no structure")
        return [self._usable(frame, first + k) for k, frame in enumerate(frames)], offset

    def _usable(self, frame: Atoms, number: int) -> Atoms:
        try:
            check_atoms(frame)
            check_periodic(frame, self.pbc)
            unknown = sorted(set(frame.symbols) - set(self.symbols))
            if unknown:
                raise StructureError(
                    f"holds {', '.join(unknown)}, and this campaign's system only {', '.join(self.symbols)}"
                )
        except StructureError as error:
            raise StructureError(f"{self.path.name}, structure {number}: {error}") from error
        kind = {"kind": _kind(frame.info)}
        return Atoms(frame.numbers, frame.positions, cell=frame.cell, pbc=frame.pbc, info=kind)


def _frames(file: BinaryIO, first: int, count: int) -> str:
    """Lines of the next frames, numbered from `first` on."""
    lines: list[bytes] = []
    for k in range(first, first + count):
        line = file.readline()
        if not line.strip():
            break
        if not line.strip().isdigit():
            raise StructureError(f"cannot be read: structure {k} begins with no number of atoms")
        if int(line) > MAX_ATOMS:
            raise StructureError(f"holds {int(line)} atoms in structure {k}: at most {MAX_ATOMS} can be used")
        lines += [line, *(file.readline() for _ in range(int(line) + 1))]
        if not lines[-1]:
            raise StructureError(f"ends inside of structure {k}: it is truncated")
    return b"".join(lines).decode(errors="replace")


def _kind(info: Mapping[str, Any]) -> str:
    said = next((info[key] for key in KINDS if isinstance(info.get(key), str)), "")
    return one_line(said) or "file"
