"""A file of structures, read a chunk at a time: however large it is, a step reads only what it offers."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ase import Atoms

from engine.errors import StructureError, one_line
from engine.structures import check_atoms, check_periodic, next_frames, parse_frames

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
                    text = next_frames(file, first, count)
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


def _kind(info: Mapping[str, Any]) -> str:
    beside = info.get("data")  # of an ASE database
    places = [info, *([beside] if isinstance(beside, Mapping) else [])]
    said = next((place[key] for place in places for key in KINDS if isinstance(place.get(key), str)), "")
    return one_line(said) or "file"
