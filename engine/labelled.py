"""Labelled structures from files that ASE reads: energy, forces, and what they were calculated with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from engine.errors import StructureError
from engine.protocols import FloatArray, Provenance
from engine.structures import check_atoms, read_frames

MOST_LABELS = 5000


@dataclass(frozen=True, eq=False)
class Labelled:
    """A structure that somebody has paid for.

    Attributes
    ----------
    structure : bare, nothing fixed
    energy : eV
    forces : (n_atoms, 3) eV/Å, or None where the file has none
    provenance : what it was calculated with, or None where nobody says
    stress : (6,) eV/Å³ in Voigt's order, tension positive, or None where the file has none
    """

    structure: Atoms
    energy: float
    forces: FloatArray | None
    provenance: Provenance | None
    stress: FloatArray | None = None


def read_labelled(path: Path) -> list[Labelled]:
    """Read every structure of a file with its label: ASE's own, or MACE's ``REF_energy`` and ``REF_forces``.

    Raises
    ------
    StructureError
        if the file cannot be read, or one of its structures or labels cannot be used
    """
    try:
        frames = read_frames(path)
    except StructureError as error:
        raise StructureError(f"{path.name} {error}") from error
    if len(frames) > MOST_LABELS:
        raise StructureError(f"{path.name} holds {len(frames)} structures: at most {MOST_LABELS} can be used")
    return [_labelled(frame, f"{path.name}, structure {k}") for k, frame in enumerate(frames)]


def bare(structure: Atoms) -> Atoms:
    """Atoms, cell and periodicity alone."""
    return Atoms(structure.numbers, structure.positions, cell=structure.cell, pbc=structure.pbc)


def _labelled(frame: Atoms, name: str) -> Labelled:
    try:
        check_atoms(frame)
        energy, forces = _label(frame)
        stress = _stress(frame)
    except StructureError as error:
        raise StructureError(f"{name}: {error}") from error
    return Labelled(bare(frame), energy, forces, _provenance(frame.info), stress)


def _label(frame: Atoms) -> tuple[float, FloatArray | None]:
    results: Mapping[str, Any] = {} if frame.calc is None else frame.calc.results
    energy = results.get("energy", results.get("free_energy", frame.info.get("REF_energy")))
    if energy is None:
        raise StructureError("holds no energy: a label is an energy in eV, best with forces in eV/Å")
    if not isinstance(energy, int | float | np.number) or not np.isfinite(energy):
        raise StructureError(f"holds an energy that is not a number: {energy}")
    forces = results.get("forces", frame.arrays.get("REF_forces"))
    if forces is None:
        return float(energy), None
    forces = np.asarray(forces)
    if forces.shape != (len(frame), 3) or not np.issubdtype(forces.dtype, np.number):
        raise StructureError("holds forces that are not three numbers an atom")
    broken = np.flatnonzero(~np.isfinite(forces).all(axis=1))
    if len(broken):
        raise StructureError(f"holds a force that is not a number: atom {broken[0]}")
    return float(energy), forces.astype(float)


def _stress(frame: Atoms) -> FloatArray | None:
    stress = None if frame.calc is None else frame.calc.results.get("stress")
    if stress is None:
        return None
    stress = np.asarray(stress)
    if stress.shape != (6,) or not np.issubdtype(stress.dtype, np.number) or not np.isfinite(stress).all():
        raise StructureError("holds a stress that is not six numbers")
    return stress.astype(float)


def _provenance(info: Mapping[str, Any]) -> Provenance | None:
    """What `deltadesk export` wrote into extended XYZ (info) or an ASE database (data)."""
    data = info.get("data")
    said = info.get("deltadesk", data.get("deltadesk") if isinstance(data, Mapping) else None)
    if not isinstance(said, Mapping) or not said.get("reference_code"):
        return None
    settings = said.get("reference_settings")
    return Provenance(
        code=str(said["reference_code"]),
        version=str(said.get("reference_version") or ""),
        settings=settings if isinstance(settings, Mapping) else {},
    )
