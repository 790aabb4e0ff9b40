"""Descriptors of a pool's atoms on disk: written once in chunks, read in chunks by whoever scores the pool.

A folder holds three files: ``about.json`` says what the features are, ``rows.f32`` has a row of float32 for
each atom, ``ends.i64`` for each structure the row behind its last. Rows are on disk before the ends that
count them: what a kill leaves behind them is not counted, and written over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.crashpoints import crash_point
from engine.errors import CampaignError, StorageError
from engine.protocols import FloatArray

ABOUT, ROWS, ENDS = "about.json", "rows.f32", "ends.i64"
_ROW, _END = np.dtype("<f4"), np.dtype("<i8")

Rows = NDArray[np.float32]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FeatureChunk:
    """Structures that follow one another.

    Attributes
    ----------
    first : number of the first of them, from 0
    counts : (n,) atoms of each
    rows : (counts.sum(), d) features of their atoms; pages of the file, not to be written
    """

    first: int
    counts: IntArray
    rows: Rows


class FeatureFile:
    """Features of the atoms of many structures, numbered as they were appended.

    One process appends at a time; others may read meanwhile what was there when they opened it.

    Parameters
    ----------
    folder : made if missing
    descriptor : what the features are, plain JSON; of a file that is there, it must be the same
    width : features of an atom

    Raises
    ------
    CampaignError
        if the folder holds features of another descriptor
    StorageError
        if it cannot be read or written
    """

    def __init__(self, folder: Path, descriptor: Mapping[str, Any], width: int) -> None:
        self._folder, self._width = folder, width
        about = {"descriptor": dict(descriptor), "width": width}
        try:
            if not (folder / ABOUT).exists():
                _begin(folder, about)
            known = json.loads((folder / ABOUT).read_text())
            self._ends = self._counted()
        except (OSError, ValueError) as error:
            raise self._in_words(error) from error
        if known != json.loads(json.dumps(about)):
            raise CampaignError(f"{folder} holds features of another descriptor: remove it, or name another")

    def __len__(self) -> int:
        """Number of structures."""
        return len(self._ends)

    @property
    def counts(self) -> IntArray:
        """Atoms of each structure, (n,)."""
        return np.diff(self._ends, prepend=0)

    def append(self, features: Sequence[FloatArray]) -> None:
        """Add structures, (n_atoms, d) each; they are on disk, all of them, when this returns.

        Raises
        ------
        ValueError
            if a shape is another or a number is not finite; then nothing is added
        StorageError
            if the disk does not take it
        """
        if not features:
            return
        for block in features:
            if block.ndim != 2 or block.shape[1] != self._width or not len(block):
                raise ValueError(f"a structure's features are (n_atoms, {self._width}), got {block.shape}")
        with np.errstate(over="ignore"):  # told below
            rows = np.concatenate(features).astype(_ROW)
        if not np.isfinite(rows).all():
            raise ValueError("features that are not finite, or too large for float32")
        stood = int(self._ends[-1]) if len(self) else 0
        ends = stood + np.cumsum([len(block) for block in features])
        try:
            _write(self._folder / ROWS, stood * self._width * _ROW.itemsize, rows)
            crash_point("features-written")
            _write(self._folder / ENDS, len(self) * _END.itemsize, ends.astype(_END))
        except OSError as error:
            raise self._in_words(error) from error
        self._ends = np.concatenate([self._ends, ends])

    def keep(self, count: int) -> None:
        """Forget what stands behind the first `count` structures; the next ones are written over it."""
        self._ends = self._ends[:count]

    def chunk(self, first: int, stop: int) -> FeatureChunk:
        """Structures `first` to `stop` (not included), mapped from the file."""
        ends = self._ends[first:stop]
        begin = int(self._ends[first - 1]) if first else 0
        if not len(ends):
            return FeatureChunk(first, ends, np.empty((0, self._width), dtype=_ROW))
        rows = np.memmap(
            self._folder / ROWS,
            dtype=_ROW,
            mode="r",
            offset=begin * self._width * _ROW.itemsize,
            shape=(int(ends[-1]) - begin, self._width),
        )
        return FeatureChunk(first, np.diff(ends, prepend=begin), rows)

    def chunks(self, size: int) -> Iterator[FeatureChunk]:
        """Everything, `size` structures at a time; a chunk's memory is free once it is let go."""
        for first in range(0, len(self), size):
            yield self.chunk(first, first + size)

    def _counted(self) -> IntArray:
        """Ends whose rows are there; a power cut may leave a torn tail, or zeros in its place."""
        raw = (self._folder / ENDS).read_bytes()
        ends = np.frombuffer(raw, dtype=_END, count=len(raw) // _END.itemsize).astype(np.int64)
        there = (self._folder / ROWS).stat().st_size // (self._width * _ROW.itemsize)
        good = (np.diff(ends, prepend=0) > 0) & (ends <= there)
        return ends if good.all() else ends[: int(np.argmin(good))]

    def _in_words(self, error: Exception) -> StorageError:
        words = getattr(error, "strerror", None) or error
        return StorageError(f"the features in {self._folder} cannot be read or written: {words}")


def _begin(folder: Path, about: Mapping[str, Any]) -> None:
    """Empty files; what says that they are there comes last."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (ROWS, ENDS):
        (folder / name).write_bytes(b"")
    part = folder / f".{ABOUT}.part"
    part.write_text(json.dumps(about))
    part.replace(folder / ABOUT)


def _write(path: Path, place: int, array: NDArray[Any]) -> None:
    """Write from byte `place` on, over whatever is there, and see it to the disk."""
    with path.open("r+b") as file:
        file.truncate(place)
        file.seek(place)
        file.write(array.data)
        file.flush()
        os.fsync(file.fileno())
