"""What a race follows beside errors: the entropy of what is held out, and the crystal's properties.

Nonaka, Liu, Jia, Hirotani (WCCM 2026) follow both while a training set grows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase.build import bulk

from engine.labelled import Labelled
from engine.math import entropy_bias, gaussian_entropy
from engine.potentials.ase_calculator import ASECalculator
from engine.properties import PropertySettings, member_properties, properties
from engine.protocols import Committee, FloatArray
from engine.references.making import make_reference
from engine.study.race_protocol import RaceProtocol

OWN = "properties.json"
"""The reference's own values, in a race's folder."""
BULK = PropertySettings(edge=0.0, thickness=0.0, small_cell=True)
_OWN = PropertySettings(edge=0.0, thickness=0.0)


def measure_reference(race: RaceProtocol, folder: Path) -> None:
    """Write the reference's own values into the race's folder; what is there stays.

    Raises
    ------
    StructureError
        if the reference gives no stress
    """
    if (folder / OWN).exists() or race.reference is None:
        return
    potential = ASECalculator(make_reference(race.reference).calculator(), {})
    found = properties(potential, bulk(race.pool.element, cubic=True), _OWN)
    (folder / OWN).write_text(json.dumps(dict(found.values), indent=1), encoding="utf-8")


def own_values(folder: Path) -> Mapping[str, float]:
    """What `measure_reference` wrote; nothing of a race that follows no properties."""
    path = folder / OWN
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def followed(model: Committee, race: RaceProtocol, held_out: Sequence[Labelled]) -> dict[str, Any]:
    """Mean entropy of energies held out (nat), and the members' mean of each property that they have."""
    said = model.members([one.structure for one in held_out]).energy
    entropy = gaussian_entropy(said, race.selection.entropy_target) - entropy_bias(len(said))
    members = member_properties(model, bulk(race.pool.element, cubic=True), BULK)
    values = {name: np.array([member[name] for member in members]) for name in members[0].values}
    return {
        "entropy": float(entropy.mean()),
        "properties": {name: _mean(of_members) for name, of_members in values.items()},
    }


def _mean(values: FloatArray) -> float:
    """Of the members that have one; nan where fewer than half do."""
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if 2 * len(finite) >= len(values) else float("nan")
