"""A chemiscope file: a map of all structures beside the structure under the mouse.

Drop it on https://chemiscope.org, or ``chemiscope.show_input(OUT)`` in a notebook. A number that is not
known is written as ``NaN``, which is not JSON but what chemiscope's own writer does.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from engine.export.frames import Frame

PROPERTIES = {
    "predicted energy": ("predicted_energy_eV", "eV", "energy of the surrogate that selected it"),
    "energy": ("energy_eV", "eV", "energy of the reference"),
    "error": ("error_eV", "eV", "predicted minus reference energy"),
    "σ": ("predicted_energy_std_eV", "eV", "standard deviation of the prediction"),
    "base energy": ("base_energy_eV", "eV", "energy of the universal potential alone"),
    "labels before": ("n_train", "", "labels the surrogate had been fitted to"),
    "label": ("label", "", "in the order the labels came"),
    "step": ("step", "", "step of the search that found it"),
}
CATEGORIES = ("candidate", "status", "model_id", "generator", "kind")
AXES = {
    "x": ("energy", "predicted energy"),
    "y": ("σ", "label", "step"),
    "color": ("labels before", "step"),
}
"""Properties of the map, the first of each that every structure has."""


def write(path: Path, frames: Iterable[Frame]) -> None:
    """Write all frames as one file; a name that ends in ``.gz`` is compressed."""
    text = json.dumps(content(list(frames)), ensure_ascii=False).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def content(frames: Sequence[Frame]) -> dict[str, Any]:
    """Return what the file says, as plain JSON but for NaN."""
    properties = _numbers(frames) | _categories(frames)
    said: dict[str, Any] = {
        "meta": {
            "name": _text(frames[0].provenance["campaign"]),
            "description": f"{len(frames)} structures of a deltadesk campaign; "
            f"reference {_text(frames[0].provenance['reference'])}",
        },
        "structures": [_structure(frame.structure) for frame in frames],
        "properties": properties,
        "settings": {"target": "structure", "map": _axes(properties)},
    }
    if all(frame.atom_std is not None for frame in frames):
        said["environments"] = [
            {"structure": i, "center": center, "cutoff": 3.5}  # Å, what is drawn around an atom
            for i, frame in enumerate(frames)
            for center in range(len(frame.structure))
        ]
        values = np.concatenate([frame.atom_std for frame in frames if frame.atom_std is not None])
        properties["σ per atom"] = {"target": "atom", "units": "eV", "values": values.tolist()}
        said["settings"]["structure"] = [{"color": {"property": "σ per atom"}}]
    return said


def _numbers(frames: Sequence[Frame]) -> dict[str, Any]:
    found = {}
    for name, (key, units, words) in PROPERTIES.items():
        values = [frame.provenance.get(key) for frame in frames]
        if any(value is not None for value in values):
            found[name] = {
                "target": "structure",
                "values": [float("nan") if value is None else float(value) for value in values],
                "description": words,
            } | ({"units": units} if units else {})
    return found


def _categories(frames: Sequence[Frame]) -> dict[str, Any]:
    said = [{"candidate": frame.candidate, **frame.provenance} for frame in frames]
    return {
        key.replace("_", " "): {"target": "structure", "values": [_text(row[key]) for row in said]}
        for key in CATEGORIES
        if all(row.get(key) is not None for row in said)
    }


def _axes(properties: dict[str, Any]) -> dict[str, Any]:
    whole = {
        name for name, said in properties.items() if name in PROPERTIES and np.isfinite(said["values"]).all()
    }
    found = {axis: next((name for name in names if name in whole), None) for axis, names in AXES.items()}
    return {axis: {"property": name} for axis, name in found.items() if name}


def _structure(atoms: Atoms) -> dict[str, Any]:
    x, y, z = atoms.positions.T.tolist()
    said = {"size": len(atoms), "names": list(atoms.symbols), "x": x, "y": y, "z": z}
    if atoms.cell.rank == 3:
        said["cell"] = np.asarray(atoms.cell).ravel().tolist()
    return said


def _text(value: str) -> str:
    return str(value).replace("NaN", "nan")  # chemiscope reads every word NaN as a number, in text too
