"""Extended XYZ: what ASE, MACE and most trainers of potentials read.

A label is written twice: as ASE's own ``energy`` and ``forces``, and as ``REF_energy`` and ``REF_forces``,
which MACE looks for. Provenance is one JSON value, ``deltadesk``, that ASE reads back as a dictionary.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ase import Atoms
from ase.io.extxyz import write_xyz

from engine.export.frames import Frame

FLAT = ("kind", "model_id", "predicted_energy_eV", "predicted_energy_std_eV")
"""Provenance that is a value of its own too, for tools that read no JSON."""


def write(path: Path, frames: Iterable[Frame]) -> None:
    """Write frames one after another; ASE keeps eight decimals of positions (Å) and forces (eV/Å)."""
    with path.open("w", encoding="utf-8") as file:
        for frame in frames:
            write_xyz(file, [_with_info(frame)])


def _with_info(frame: Frame) -> Atoms:
    atoms = frame.structure.copy()
    atoms.info = {
        "candidate": frame.candidate,
        **{key: value for key in FLAT if (value := frame.provenance.get(key)) is not None},
        "deltadesk": _json_value(frame.provenance),
    }
    if frame.atom_std is not None:
        atoms.new_array("atom_std_eV", frame.atom_std)
    if frame.structure.calc is not None:
        atoms.calc = frame.structure.calc
        atoms.info["REF_energy"] = frame.structure.get_potential_energy()
        atoms.new_array("REF_forces", frame.structure.get_forces(apply_constraint=False))
    return atoms


def _json_value(said: dict[str, object]) -> str:
    # ASE's reader takes a backslash as an escape, its writer does not write one
    return "_JSON " + json.dumps(said).replace("\\", "\\\\")
