"""An ASE database: ``ase db OUT candidate=c-000012``, ``ase gui OUT``; every digit is kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ase.db import connect  # noqa: TID251  a new file, not the campaign's

from engine.export.frames import Frame

KEYS = ("model_id", "status", "predicted_energy_eV", "predicted_energy_std_eV")
"""Provenance that can be searched for; all of it is in the row's ``data["deltadesk"]``."""


def write(path: Path, frames: Iterable[Frame]) -> None:
    """Write one row a frame, in one transaction."""
    with connect(str(path), type="db", use_lock_file=False) as database:
        for frame in frames:
            keys = {key: value for key in KEYS if (value := frame.provenance.get(key)) is not None}
            data: dict[str, Any] = {"deltadesk": frame.provenance}
            if (kind := frame.provenance.get("kind")) is not None:
                data["kind"] = kind
            if frame.atom_std is not None:
                data["atom_std_eV"] = frame.atom_std
            database.write(frame.structure, candidate=frame.candidate, data=data, **keys)
