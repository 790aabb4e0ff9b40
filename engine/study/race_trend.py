"""After how many labels a rule's committee has the right energy against volume, and keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase.build import bulk

from engine.datasets import VOLUMES, scaled
from engine.errors import ConfigError
from engine.math import falls_and_rises, has_right_trend, labels_saved
from engine.math.volume_trend import TOLERANCE
from engine.potentials.ase_calculator import ASECalculator
from engine.protocols import Committee, FloatArray
from engine.references.making import make_reference
from engine.study.race_protocol import RaceProtocol

CURVE = "volumes.json"
"""The reference's own energies against volume, in a race's folder."""
COUNT = 23  # volumes, evenly over those of a volume series
CONFIDENCE = 0.95


def measure_curve(race: RaceProtocol, folder: Path) -> None:
    """Write the reference's own energies (eV/atom) into the race's folder; what is there stays.

    Raises
    ------
    ConfigError
        if they do not fall to one minimum and rise from there
    """
    if (folder / CURVE).exists() or race.reference is None:
        return
    energy = _energies(ASECalculator(make_reference(race.reference).calculator(), {}), race)
    if not falls_and_rises(energy):
        raise ConfigError("trend: the reference's own energies do not fall and rise with the volume")
    (folder / CURVE).write_text(json.dumps(energy.tolist()), encoding="utf-8")


def own_curve(folder: Path) -> FloatArray | None:
    """What `measure_curve` wrote; None of a race that asks for no trend."""
    path = folder / CURVE
    return np.array(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def right_trend(model: Committee, race: RaceProtocol, own: FloatArray) -> bool:
    """Whether the members' mean has the trend of the reference's `own` energies."""
    return has_right_trend(_ratios(), _energies(model, race), own)


def labels_to_trend(labels: Sequence[int], flags: Sequence[bool]) -> float:
    """Labels at the first fit from which on all have it; infinite if the last has not."""
    needed = np.inf
    for count, flag in zip(reversed(labels), reversed(flags), strict=True):
        if not flag:
            break
        needed = count
    return float(needed)


def trend_result(race: RaceProtocol, needed: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Labels to the trend in plain JSON, of each rule and seed, None where never; and what rules save."""
    baseline = np.array(needed[race.baseline])
    saved = {
        rule: vars(labels_saved(np.array(labels), baseline, race.budget, CONFIDENCE))
        for rule, labels in needed.items()
        if rule != race.baseline
    }
    plain = {rule: [one if np.isfinite(one) else None for one in labels] for rule, labels in needed.items()}
    return {"tolerance": vars(TOLERANCE), "labels": plain, "saved": saved}


def trend_lines(race: RaceProtocol, found: Mapping[str, Any]) -> list[str]:
    """The page's part."""
    rows = [
        [rule, *("–" if one is None else f"{one:.0f}" for one in labels), _saved(found, rule)]
        for rule, labels in found["labels"].items()
    ]
    head = ["labels to the right E–V", *(f"seed {seed}" for seed in race.each[: len(rows[0]) - 2]), "saved"]
    tolerance = found["tolerance"]
    return [
        f"Right E–V: the members' mean falls to one minimum and rises from there over V/V0 {VOLUMES[0]:g} to "
        f"{VOLUMES[1]:g}, V0 within {100 * tolerance['volume']:g} % and B0 within "
        f"{100 * tolerance['bulk_modulus']:g} % of the reference's own, from that fit on to the last. Saved "
        f"against {race.baseline}, {100 * CONFIDENCE:.0f} % interval; who never had it counts with the "
        "budget.",
        "",
        *(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)),
        "",
    ]


def _saved(found: Mapping[str, Any], rule: str) -> str:
    one = found["saved"].get(rule)
    return "" if one is None else f"{one['saved']:.0f} [{one['low']:.0f}, {one['high']:.0f}]"


def _ratios() -> FloatArray:
    return np.linspace(*VOLUMES, COUNT)


def _energies(potential: Any, race: RaceProtocol) -> FloatArray:
    crystal = bulk(race.pool.element)
    energy: FloatArray = potential.predict(scaled(crystal, _ratios())).energy / len(crystal)
    return energy
