"""What became of each restart: what it took until the first label near the best known minimum."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import config
from engine.core import Recorded, ReferenceCompleted, ReferenceFailed, ReferenceSubmitted
from engine.core.events import ModelRefitted
from engine.descriptors import SOAP
from engine.protocols import FloatArray
from engine.space import Space
from engine.store import Store
from engine.study.protocol import Arm, Axis, Protocol
from engine.study.restarts import restart_folder, standing


@dataclass(frozen=True)
class Reached:
    """A label, and what had been spent when it came.

    Attributes
    ----------
    candidate, energy : of the label (eV); the lowest one, where a restart has ended
    labels : reference calculations begun
    core_seconds : processor time of steps and fits, clock time × cores of references
    steps : of the search
    """

    candidate: str
    energy: float
    labels: int
    core_seconds: float
    steps: int

    def cost(self, axis: Axis) -> float:
        """What it took on one axis."""
        return float(getattr(self, axis))


@dataclass(frozen=True)
class Outcome:
    """One restart.

    Attributes
    ----------
    success : the first label within dE of the best known minimum, or None: then it is censored at its `end`
    gave_up : it ended before its budget was spent, for it found nothing new: it would never have succeeded
    same_basin : whether that label is the best known minimum itself, by its fingerprint; it decides nothing
    """

    arm: str
    seed: int
    success: Reached | None
    end: Reached
    same_basin: bool | None
    gave_up: bool = False

    def cost(self, axis: Axis) -> float:
        """What it took until success, or until it was ended."""
        return (self.success or self.end).cost(axis)


@dataclass(frozen=True, eq=False)
class _Run:
    arm: Arm
    seed: int
    folder: Path
    labels: list[Reached]
    end: Reached


def outcomes(protocol: Protocol, folder: Path) -> tuple[list[Outcome], float | None]:
    """Outcomes of the restarts that are finished, and the best known minimum (eV); None before any label."""
    runs = [
        _run(arm, seed, place)
        for seed in protocol.seeds
        for arm in protocol.arm
        if standing(place := restart_folder(folder, arm, seed)).state == "finished"
    ]
    energies = [run.end.energy for run in runs if np.isfinite(run.end.energy)]
    if protocol.best_known_eV is not None:
        energies.append(protocol.best_known_eV)
    if not energies:
        return [], None
    best = min(energies)
    origin = next((run for run in runs if run.end.energy == best), None)
    soap = None if origin is None else _descriptor(origin)
    minimum = None if origin is None or soap is None else _features(origin, origin.end, soap)
    return [_outcome(run, protocol, best, soap, minimum) for run in runs], best


def _outcome(
    run: _Run, protocol: Protocol, best: float, soap: SOAP | None, minimum: FloatArray | None
) -> Outcome:
    success = next((label for label in run.labels if label.energy <= best + protocol.dE), None)
    same = None
    if success is not None and minimum is not None and soap is not None:
        apart = float(np.linalg.norm(_features(run, success, soap) - minimum) / np.linalg.norm(minimum))
        same = apart < config.load(run.folder).checks.duplicate_distance
    gave_up = success is None and run.end.labels < protocol.budget
    return Outcome(run.arm.name, run.seed, success, run.end, same, gave_up)


def _run(arm: Arm, seed: int, folder: Path) -> _Run:
    store = Store(folder)
    try:
        spent, labels = _Spent(store), []
        for item in store.events():
            spent.count(item)
            if isinstance(item.event, ReferenceCompleted):
                labels.append(spent.reached(item.event.candidate, item.event.energy_eV, item.seq))
        lowest = min(labels, key=lambda label: label.energy, default=None)
        name, energy = ("", float("inf")) if lowest is None else (lowest.candidate, lowest.energy)
        return _Run(arm, seed, folder, labels, spent.reached(name, energy, None))
    finally:
        store.close()


class _Spent:
    """Adds up what the log says was spent."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._calculations = 0
        self._seconds = 0.0

    def count(self, item: Recorded) -> None:
        match item.event:
            case ReferenceSubmitted():
                self._calculations += 1
            case (
                ReferenceCompleted(seconds=seconds, cores=cores)
                | ReferenceFailed(seconds=seconds, cores=cores)
            ):
                self._seconds += seconds * cores
            case ModelRefitted(seconds=seconds):
                self._seconds += seconds

    def reached(self, candidate: str, energy: float, seq: int | None) -> Reached:
        searched = self._store.searched(before=seq)
        return Reached(
            candidate,
            energy,
            self._calculations,
            self._seconds + sum(chain.seconds for chain in searched),
            sum(chain.steps for chain in searched),
        )


def _descriptor(run: _Run) -> SOAP:
    """The one by which minima are compared: arms may search, and learn, with others."""
    settings = config.load(run.folder)
    return SOAP(settings.delta, Space.of(settings.system, run.folder).symbols)


def _features(run: _Run, label: Reached, soap: SOAP) -> FloatArray:
    store = Store(run.folder)
    try:
        (structure,) = store.structures([label.candidate])
        return np.asarray(soap.features(structure).sum(axis=0))
    finally:
        store.close()
