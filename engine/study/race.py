"""Several selection rules side by side on one pool: what each has learnt by the same number of labels.

Every rule of a seed starts from the same labels, drawn at random, and its committees from the same weights.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from concurrent.futures import as_completed
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import registry
from engine.loop import Explorers
from engine.math import responses
from engine.protocols import Acquisition, Committee, FloatArray, Pool
from engine.study.race_model import Fit, fit_committee
from engine.study.race_pool import RaceData, label_pool, load_pool
from engine.study.race_properties import followed, measure_reference
from engine.study.race_protocol import RaceProtocol
from engine.study.race_trend import measure_curve, right_trend
from engine.study.restarts import begin
from engine.whole import write_whole


@dataclass(frozen=True)
class RaceRun:
    """One rule with one seed.

    Attributes
    ----------
    labels : at each fit
    energy, forces : mean absolute errors on what was held out (eV/atom, eV/Å), after each fit
    picked : places in the pool, in the order of their labels
    seconds : processor time
    entropy : of what was held out, after each fit (nat); empty unless the race follows properties
    properties : after each fit, by name; nan where most members have none
    trend : after each fit, whether its energy against volume is right; empty unless the race asks
    """

    rule: str
    seed: int
    labels: tuple[int, ...]
    energy: tuple[float, ...]
    forces: tuple[float, ...]
    picked: tuple[int, ...]
    seconds: float
    entropy: tuple[float, ...] = ()
    properties: dict[str, list[float]] = field(default_factory=dict)
    trend: tuple[bool, ...] = ()


Watch = Callable[[RaceRun], None]


def run_race(race: RaceProtocol, source: Path, folder: Path, watch: Watch = lambda _: None) -> list[RaceRun]:
    """Run what is left, in worker processes; called again, it goes on.

    Parameters
    ----------
    race : what is asked
    source : folder of the file that it names
    folder : made if missing; holds the labelled pool, and a JSON file for each rule and seed that is finished
    watch : told of each of them

    Returns
    -------
    all of them, seed by seed

    Raises
    ------
    CampaignError
        if the folder holds something else, or another race
    ConfigError, StructureError
        if the pool cannot be made or used
    """
    begin(race, folder, "race")
    label_pool(race, source, folder)
    if race.properties:
        measure_reference(race, folder)
    if race.trend:
        measure_curve(race, folder)
    for done in finished(race, folder):
        watch(done)
    left = [
        (rule, seed) for seed in race.each for rule in race.rules if not run_file(folder, rule, seed).exists()
    ]
    explorers = Explorers()
    try:
        working = [explorers.submit(_work, race, folder, rule, seed) for rule, seed in left]
        for future in as_completed(working):
            watch(future.result())
    finally:
        explorers.close()
    return finished(race, folder)


def finished(race: RaceProtocol, folder: Path) -> list[RaceRun]:
    """What is finished so far, seed by seed."""
    files = [run_file(folder, rule, seed) for seed in race.each for rule in race.rules]
    return [_read(file) for file in files if file.exists()]


def run_file(folder: Path, rule: str, seed: int) -> Path:
    """Where one rule's run with one seed is kept."""
    return folder / rule / f"seed-{seed:04d}.json"


def run_rule(race: RaceProtocol, data: RaceData, rule: str, seed: int, fit: Fit = fit_committee) -> RaceRun:
    """Label, fit, measure, choose, until the budget is spent."""
    started = time.process_time()
    acquisition: Acquisition = registry.make("acquisition", rule, race.selection)
    everyone = np.arange(len(data.pool))
    picked = np.random.default_rng([seed, 0]).permutation(everyone)[: race.start].tolist()
    curve: list[tuple[int, float, float]] = []
    more: list[dict[str, Any]] = []
    trend: list[bool] = []
    while True:
        model = fit([data.pool[i] for i in picked], race, seed)
        curve.append((len(picked), *errors(model, data)))
        if race.properties:
            more.append(followed(model, race, data.held_out))
        if data.curve is not None:
            trend.append(right_trend(model, race, data.curve))
        count = min(race.batch, race.budget - len(picked))
        if count == 0:
            break
        left = np.setdiff1d(everyone, picked)
        rng = np.random.default_rng([seed, len(picked), zlib.crc32(rule.encode())])
        picks = acquisition.select(_pool(model, race, data, left, picked), count, rng)
        picked += [int(left[pick.index]) for pick in picks]
    labels, energy, forces = zip(*curve, strict=True)
    return RaceRun(
        rule,
        seed,
        labels,
        energy,
        forces,
        tuple(picked),
        time.process_time() - started,
        tuple(one["entropy"] for one in more),
        {name: [one["properties"][name] for one in more] for name in (more[0]["properties"] if more else ())},
        tuple(trend),
    )


def errors(model: Committee, data: RaceData) -> tuple[float, float]:
    """Mean absolute errors of energies (eV/atom) and of force components (eV/Å) on what was held out."""
    structures = [one.structure for one in data.held_out]
    n_atoms = np.array([len(structure) for structure in structures])
    said = model.predict(structures)
    energy = np.array([one.energy for one in data.held_out])
    true = [one.forces for one in data.held_out if one.forces is not None]
    wrong = np.concatenate(said.forces) - np.concatenate(true)
    return float(np.mean(np.abs(said.energy - energy) / n_atoms)), float(np.mean(np.abs(wrong)))


def _pool(
    model: Committee, race: RaceProtocol, data: RaceData, left: NDArray[np.int64], picked: list[int]
) -> Pool:
    """What a rule is told of the structures without a label."""
    said = model.members([data.pool[i].structure for i in left])
    spread: FloatArray = said.energy.std(axis=0, ddof=1)
    answers, scales = None, None
    if race.selection.responses == "all":
        answers, scales = responses(said.energy, said.forces, said.stress)
    return Pool(
        energy=said.energy.mean(axis=0),
        energy_std=spread,
        features=data.features[left],
        known_features=data.features[picked],
        n_flags=np.zeros(len(left), dtype=np.int64),
        n_atoms=data.n_atoms[left],
        committee=said.energy,
        whole=said.whole,
        responses=answers,
        scales=scales,
    )


def _work(race: RaceProtocol, folder: Path, rule: str, seed: int) -> RaceRun:
    """In a worker: run one and keep it, whole or not at all."""
    run = run_rule(race, _data(race.model_dump_json(), folder), rule, seed)
    file = run_file(folder, rule, seed)
    file.parent.mkdir(exist_ok=True)
    text = json.dumps(asdict(run))
    write_whole(file, lambda part: part.write_text(text, encoding="utf-8"), force=True)
    return run


@lru_cache(maxsize=1)
def _data(race: str, folder: Path) -> RaceData:
    return load_pool(RaceProtocol.model_validate_json(race), folder)


def _read(file: Path) -> RaceRun:
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    kept.update({key: tuple(value) for key, value in kept.items() if isinstance(value, list)})
    return RaceRun(**kept)
