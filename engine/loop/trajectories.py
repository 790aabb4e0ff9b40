"""Trajectories of the search md since they began together, as a page plays them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.config import CampaignSettings, MDSettings
from engine.coordinates import unpacked
from engine.core import Exploration
from engine.protocols import FloatArray
from engine.store import Store, StoredStep

SEARCH = "md"
LONGEST = 20  # stretches of a run that are looked at


@dataclass(frozen=True, eq=False)
class Trajectory:
    """One trajectory of ``n`` judged frames.

    Attributes
    ----------
    time : (n,) ps since it began; frames that were the measure, or lie further back, are left out
    columns : by name (n,), nan where unknown: ``energy`` (eV an atom), ``u`` (of `Run.uncertainty`), ``P_U``,
        ``P_E``, ``draw``, ``anharmonicity``
    kept : (n_kept,) frames whose positions there are
    positions : (n_kept, n_atoms, 3) Å
    numbers, cell, pbc : (n_atoms,), (3, 3) Å and (3,) of all frames
    proposed : candidates by their frames
    of_atoms : (n_atoms,) anharmonicity of each atom over the last stretch; None outside a crystal
    """

    time: FloatArray
    columns: Mapping[str, FloatArray]
    kept: NDArray[np.int64]
    positions: FloatArray
    numbers: tuple[int, ...]
    cell: FloatArray
    pbc: tuple[bool, ...]
    proposed: Mapping[int, str]
    of_atoms: FloatArray | None


@dataclass(frozen=True, eq=False)
class Run:
    """Trajectories that began together.

    Attributes
    ----------
    chain : of steps of the search
    first, last : steps that belong to it
    uncertainty : kind of `u`, as in campaign.toml
    trajectories : those of the search
    energy, u : mean and standard deviation over the test frames; None where there is none
    """

    chain: str
    first: int
    last: int
    uncertainty: str
    trajectories: tuple[Trajectory, ...]
    energy: tuple[float, float] | None
    u: tuple[float, float] | None


def run_of(folder: Path, said: Mapping[str, Any], chain: str, step: int) -> Run:
    """Read the run that a step of a chain belongs to; called in a worker.

    Raises
    ------
    DeltadeskError
        if the database cannot be read
    """
    settings = md_settings(said)
    store = Store(folder)
    try:
        steps = _run(store, chain, step, settings.length)
        made = store.of_steps(chain, steps[0].step, steps[-1].step)
    finally:
        store.close()
    statistics = steps[-1].state["statistics"] or {}
    kind = _kind(settings.uncertainty, [one.state for one in steps])
    count = len(steps[-1].state["walkers"])
    return Run(
        chain=chain,
        first=steps[0].step,
        last=steps[-1].step,
        uncertainty=kind,
        trajectories=tuple(_trajectory(steps, made, k, settings, f"u-{kind}") for k in range(count)),
        energy=statistics.get("energy"),
        u=statistics.get("uncertainty"),
    )


def explored(folder: Path) -> tuple[Exploration, ...]:
    """What the search met in each model in turn; called in a worker, for it looks through all steps.

    Raises
    ------
    DeltadeskError
        if the database cannot be read
    """
    store = Store(folder)
    try:
        return store.explorations()
    finally:
        store.close()


def md_settings(said: Mapping[str, Any]) -> MDSettings:
    """Settings of the search md in a campaign's; its defaults where it is not there any more."""
    searches = CampaignSettings.model_validate(said).search
    return next((one for one in searches if isinstance(one, MDSettings)), MDSettings())


def _run(store: Store, chain: str, step: int, length: int) -> list[StoredStep]:
    """Steps of the same run as `step`; each counts its stretches from 1, and ends with the `length`-th.

    Or before, where trajectories begin anew.

    A step in which nothing moved, for there were no forces yet, stands alone: its stretch is 0.
    """
    reach = min(length, LONGEST)
    after = [one for one in store.steps(chain, step + reach, reach) if one.step > step]
    before = store.steps(chain, step, reach)
    run = [before.pop()]
    while before and _goes_on(before[-1].state, length):
        run.insert(0, before.pop())
    while after and _goes_on(run[-1].state, length):
        run.append(after.pop(0))
    return run[-LONGEST:]


def _goes_on(state: Mapping[str, Any], length: int) -> bool:
    return 0 < state["stretch"] < length and not state.get("anew")  # not in states from before it


def _kind(asked: str, states: Sequence[Mapping[str, Any]]) -> str:
    """The uncertainty that was looked at: of the energy where there is no other."""
    known = {name for state in states if state["frames"] for name in state["frames"]["columns"]}
    return asked if f"u-{asked}" in known else "energy"


def _trajectory(
    steps: Sequence[StoredStep], made: Sequence[tuple[int, str]], number: int, settings: MDSettings, u: str
) -> Trajectory:
    walker = steps[-1].state["walkers"][number]
    n_atoms = len(walker["numbers"])
    columns: dict[str, list[FloatArray]] = {
        name: [] for name in ("energy", "u", "P_U", "P_E", "draw", "anharmonicity")
    }
    time: list[FloatArray] = []
    kept: list[int] = []
    positions: list[FloatArray] = [np.empty((0, n_atoms, 3))]
    proposed: dict[int, str] = {}
    of_atoms, n = None, 0
    for step in steps:
        frames = step.state["frames"]
        if frames is None:
            continue
        mine = np.flatnonzero(np.array(frames["trajectory"]) == number)
        place = {int(k): n + i for i, k in enumerate(mine)}
        before = max(step.state["stretch"] - 1, 0) * settings.frames
        time.append((before + 1 + np.arange(len(mine))) * settings.steps * settings.timestep / 1000)
        for name, values in columns.items():
            said = frames["columns"].get(u if name == "u" else name)
            unknown = np.full(len(mine), np.nan)
            values.append(unknown if said is None else np.array(said, dtype=float)[mine])
        if "positions" in frames:  # not in campaigns from before they were kept
            kept += [place[k] for k in frames["kept"] if k in place]
            positions.append(unpacked(frames["positions"][number], n_atoms))
        candidates = [candidate for at, candidate in made if at == step.step]
        named = zip(frames["proposed"], candidates, strict=False)
        proposed |= {place[k]: candidate for k, candidate in named if k in place}
        of_atoms = None if not frames["anharmonicity_of_atoms"] else frames["anharmonicity_of_atoms"][number]
        n += len(mine)
    return Trajectory(
        time=np.concatenate([np.empty(0), *time]),
        columns={name: np.concatenate([np.empty(0), *values]) for name, values in columns.items()},
        kept=np.array(kept, dtype=np.int64),
        positions=np.concatenate(positions),
        numbers=tuple(walker["numbers"]),
        cell=np.array(walker["cell"], dtype=float),
        pbc=tuple(walker["pbc"]),
        proposed=proposed,
        of_atoms=np.array(of_atoms, dtype=float) if of_atoms else None,
    )
