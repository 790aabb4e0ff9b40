"""A structure that a person brings to a new campaign: what it can be there, and the settings that say so."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from ase import Atoms

from engine.campaigns import copy_named
from engine.config import CampaignSettings
from engine.errors import CampaignError, StructureError
from engine.structures import FORMATS, read_cluster, read_crystal, read_slab

Kind = Literal["start", "surface", "crystal"]

ENDINGS = tuple(FORMATS)
"""Formats of plain text, and nothing else, whatever is in the file."""

MOST = 2_000_000  # bytes of a file
_ROOM = 5.0  # Å between the cube in which atoms are placed and the box's edges
_VACUUM = 4.0  # Å: with more of it along c, a periodic structure is taken for a surface
_READERS: dict[Kind, Callable[[Path], Atoms]] = {
    "start": read_cluster,
    "surface": read_slab,
    "crystal": read_crystal,
}


@dataclass(frozen=True)
class Uploaded:
    """A file that can be used.

    Attributes
    ----------
    file : its name
    kinds : what it can be, the likeliest first
    formula : of all its atoms
    reach : largest distance along an axis from the mean position (Å)
    """

    file: str
    kinds: tuple[Kind, ...]
    formula: str
    reach: float


def safe_name(name: str) -> str:
    """Return a name that a file of a campaign may have, made from what a browser calls it.

    Raises
    ------
    StructureError
        if it does not end like a format that is read here
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(name.replace("\\", "/")).name).lstrip("-.")
    stem, ending = Path(plain).stem, Path(plain).suffix.lower()
    if plain in ("POSCAR", "CONTCAR"):
        return f"{plain}.vasp"
    if not stem or ending not in ENDINGS:
        raise StructureError(f"{name[:60]!r} is not read here: its name must end in {', '.join(ENDINGS)}")
    return f"{stem[:60]}{ending}"


def receive(data: bytes, path: Path, template: Path, settings: CampaignSettings) -> Uploaded:
    """Keep a file, beside it what its template's `settings` name, and read it; called in a worker.

    Raises
    ------
    CampaignError
        if it cannot be kept
    StructureError
        as `examine` does
    """
    try:
        copy_named(template, path.parent, settings)
        path.write_bytes(data)
    except OSError as error:
        raise CampaignError(f"{path.name} cannot be kept on the server: {error.strerror}") from error
    return examine(path)


def examine(path: Path) -> Uploaded:
    """Read a file as everything it can be.

    Raises
    ------
    StructureError
        if it can be nothing: why it is no start, whose checks are those of all and one more, is told
    """
    found: dict[Kind, Atoms] = {}
    problems: dict[Kind, StructureError] = {}
    for kind, read in _READERS.items():
        try:
            found[kind] = read(path)
        except StructureError as error:
            problems[kind] = error
    if not found:
        raise problems["start"]
    if "surface" in found and "crystal" in found and _empty(found["surface"]) <= _VACUUM:
        found["surface"] = found.pop("surface")  # the last
    first = next(iter(found.values()))
    away = first.positions - first.positions.mean(axis=0)
    return Uploaded(path.name, tuple(found), str(first.symbols), float(np.abs(away).max()))


def _empty(slab: Atoms) -> float:
    """Length along c that holds nothing (Å)."""
    return float(np.linalg.norm(slab.cell[2]) - np.ptp(slab.positions[:, 2]))


def system_with(uploaded: Uploaded, kind: Kind, system: Mapping[str, Any]) -> dict[str, Any]:
    """Settings ``[system]`` with a file as its start, surface or crystal, the rest as it was typed.

    What starts gives the composition; the cube in which atoms are placed and its box grow until it fits.
    """
    slab, crystal = dict(system["slab"]), dict(system["crystal"])
    if kind == "crystal":
        return {
            **system,
            "start": None,
            "slab": {**slab, "surface": "none", "file": None},
            "crystal": {**crystal, "lattice": "file", "file": uploaded.file},
        }
    without = {**system, "crystal": {**crystal, "lattice": "none", "file": None}}
    if kind == "surface":
        return {**without, "start": None, "slab": {**slab, "surface": "file", "file": uploaded.file}}
    return {**without, **_room(uploaded, system), "start": uploaded.file, "composition": uploaded.formula}


def _room(uploaded: Uploaded, system: Mapping[str, Any]) -> dict[str, Any]:
    """A cube that holds the start, and a box around that; as they were where they cannot be read."""
    try:
        confinement, cell = float(system["confinement"]), [float(edge) for edge in system["cell"]]
    except ValueError:
        return {}
    needed = math.ceil(2 * uploaded.reach)
    if needed <= confinement:
        return {}
    return {"confinement": float(needed), "cell": tuple(max(edge, needed + _ROOM) for edge in cell)}
