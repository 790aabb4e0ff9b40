"""Rounds of the searches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from engine.config import DeltaSettings, GOFEESettings, ReplicaExchangeSettings, SystemSettings
from engine.generators import GOFEE, ReplicaExchange
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.chgnet import CHGNet
from engine.potentials.delta import Delta
from engine.potentials.repulsion import WithRepulsion
from engine.potentials.sparse_gpr import SparseGPR
from engine.potentials.timed import Timed
from engine.protocols import Archive, Potential, Prediction
from engine.space import Space
from tests.benchmarks.delta_model import differences
from tests.benchmarks.rows import Row
from tests.benchmarks.timing import Scale, hottest, relaxing_clusters

REACH = 0.8  # of the covalent sum: where the repulsion under the Δ-model begins


class Nothing:
    """A flat surface, under the repulsion."""

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """0 eV and no force."""
        return Prediction(np.zeros(len(structures)), tuple(np.zeros((len(s), 3)) for s in structures))


def rows(scale: Scale, chgnet: CHGNet) -> Iterator[Row]:
    """Measure row by row."""
    labels, surrogate = on_repulsion(scale.labels)
    space = Space.of(SystemSettings(composition="Ag18"))
    rex, gofee = ReplicaExchange(ReplicaExchangeSettings(), space), GOFEE(GOFEESettings(), space)

    def rex_rounds(count: int) -> list[float]:
        return seconds_a_round(rex, surrogate, count, {})

    def gofee_rounds(count: int) -> list[float]:
        return seconds_a_round(gofee, surrogate, count, {"round": 5}, labelled=lambda: labels)

    yield Row(
        "REX round, 10 walkers, ≤ 100 steps, Δ on repulsion, Ag18",
        median(rex_rounds(scale.rounds)),
        "s",
        (12.0, 13.5),
        1.2,
        bound=hottest(lambda: rex_rounds(1)),
    )
    yield Row(
        "GOFEE round, 10 candidates, ≤ 100 steps, the same",
        median(gofee_rounds(scale.rounds)),
        "s",
        (3.0, 3.3),
        0.4,
        bound=hottest(lambda: gofee_rounds(1)),
    )
    yield rex_on_chgnet(scale, chgnet)


def rex_on_chgnet(scale: Scale, chgnet: CHGNet) -> Row:
    """Ag6S3 on CHGNet with a Δ-model, in processor time."""
    base = Timed(chgnet)
    known = differences(relaxing_clusters("Ag6S3", scale.labels, chgnet, 5), chgnet)
    surrogate = Delta(base, known.fit(DeltaSettings()))
    search = ReplicaExchange(ReplicaExchangeSettings(), Space.of(SystemSettings(composition="Ag6S3")))
    begun, base.seconds = time.process_time(), 0.0
    rounds = seconds_a_round(search, surrogate, scale.rounds, {}, clock=time.process_time)
    share = base.seconds / (time.process_time() - begun)
    return Row(
        "REX round on CHGNet + Δ, Ag6S3",
        median(rounds),
        "core-s",
        (20.0,),
        4.0,
        note=f"CHGNet's share {100 * share:.0f} %: that is the bound",
    )


def on_repulsion(count: int) -> tuple[list[Atoms], Delta]:
    """Ag18 with EMT labels, and a Δ-model of them on the repulsion of nuclei."""
    emt = ASECalculator("ase.calculators.emt:EMT", {})
    structures = relaxing_clusters("Ag18", count, emt, 5)
    said, base = emt.predict(structures), WithRepulsion(Nothing(), REACH)
    for structure, energy in zip(structures, said.energy, strict=True):
        structure.calc = SinglePointCalculator(structure, energy=float(energy))
    below = base.predict(structures)
    model = SparseGPR.fit(structures, said.energy - below.energy, DeltaSettings())
    return structures, Delta(base, model)


def seconds_a_round(
    search: Any,
    potential: Potential,
    count: int,
    started: dict[str, Any],
    *,
    clock: Callable[[], float] = time.perf_counter,
    labelled: Callable[[], Sequence[Atoms]] = list,
) -> list[float]:
    """What each of `count` rounds takes, after a first one that nobody counts."""
    state, seconds = {**search.start(), **started}, []
    for k in range(count + 1):
        begun = clock()
        state, _ = search.step(state, potential, np.random.default_rng([0, k]), Archive(labelled))
        seconds.append(clock() - begun)
    return seconds[1:]
