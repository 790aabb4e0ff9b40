"""Fits and evaluations of the Δ-model, alone and on CHGNet."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from ase import Atoms
from ase.build import add_adsorbate, fcc111

from engine.config import DeltaSettings
from engine.potentials.chgnet import CHGNet
from engine.potentials.delta import Delta
from engine.potentials.sparse_gpr import SparseGPR
from tests.benchmarks.delta_model import differences, errors
from tests.benchmarks.plain_gpr import PlainGPR
from tests.benchmarks.rows import Row
from tests.benchmarks.timing import Scale, hottest, median_seconds, relaxing_clusters

ENERGIES = DeltaSettings(inducing_points=1000)
FORCES = DeltaSettings(forces=True, length_scale=160.0, inducing_points=1000)


def rows(scale: Scale, chgnet: CHGNet) -> Iterator[Row]:
    """Measure row by row."""
    n, with_forces = max(scale.training), sorted(scale.training)[-2]
    data = differences(relaxing_clusters("Ag12S6", n + scale.held_out, chgnet, 5), chgnet)
    train, held_out = data[:n], data[n:]
    model = train.fit(ENERGIES)
    mae = 1e3 * errors(model, held_out)[0]
    plain = PlainGPR(train.structures, train.energies, ENERGIES, model.inducing)
    off = plain.predict(held_out.structures) - held_out.energies
    plain_mae = 1e3 * float(np.abs(off).mean()) / 18
    yield Row(
        f"sparse GPR fit, Ag12S6, energies, {n} structures",
        median_seconds(lambda: train.fit(ENERGIES), 3),
        "s",
        (6.1,) if n == 500 else (),
        0.3,
        note=f"r_cut 7, n 3, l 2, l = 40; M = {len(model.inducing)}; MAE on {scale.held_out} others "
        f"{mae:.2f} meV/atom, of the published equations solved plainly {plain_mae:.2f}",
        bound=hottest(lambda: train.fit(ENERGIES)),
    )
    few = data[:with_forces]
    yield Row(
        f"… energies + forces, {with_forces} structures",
        median_seconds(lambda: few.fit(FORCES), 3),
        "s",
        (),
        2.0,
        bound=hottest(lambda: few.fit(FORCES)),
    )
    one = held_out[:1]
    yield Row(
        f"… adding 1 structure to {n}",
        1e3 * median_seconds(lambda: model.add(one.structures, one.energies), scale.repeats),
        "ms",
        (),
        50.0,
        bound=hottest(lambda: model.add(one.structures, one.energies)),
    )
    cluster = held_out.structures[:1]
    yield Row(
        "Δ energy + forces, 18 atoms",
        1e3 * median_seconds(lambda: model.predict(cluster), scale.repeats),
        "ms",
        (35.0, 38.0),
        2.0,
        bound=hottest(lambda: model.predict(cluster)),
    )
    slab, on_slab = slab_of_40()
    yield Row(
        "Δ energy + forces, periodic slab of 40 atoms",
        1e3 * median_seconds(lambda: on_slab.predict([slab]), scale.repeats),
        "ms",
        (),
        8.0,
        bound=hottest(lambda: on_slab.predict([slab])),
    )
    yield Row(
        "σ with its gradient, 18 atoms",
        1e3 * median_seconds(lambda: model.lower_bound(cluster, 2.0), scale.repeats),
        "ms",
        (),
        4.0,
        note="with energy and forces of Δ, which it needs anyway",
        bound=hottest(lambda: model.lower_bound(cluster, 2.0)),
    )
    ten = held_out.structures[:10]
    corrected = Delta(chgnet, model)
    both = 1e2 * median_seconds(lambda: corrected.predict(ten), scale.repeats)
    alone = 1e2 * median_seconds(lambda: chgnet.predict(ten), scale.repeats)
    yield Row(
        "CHGNet + Δ, a structure, lockstep batch of 10 relaxing Ag12S6",
        both,
        "ms",
        (60.0,),
        12.0,
        note=f"CHGNet's share {100 * alone / both:.0f} %: that is the bound",
    )


def slab_of_40() -> tuple[Atoms, SparseGPR]:
    """S4 on Ag(111) of 36 atoms, and a Δ-model of rattled copies; the targets do not matter for the time."""
    slab = fcc111("Ag", (3, 3, 4), a=4.09, vacuum=10.0)
    slab.pbc = (True, True, False)
    for offset in ((0, 0), (1, 0), (0, 1), (1, 1)):
        add_adsorbate(slab, "S", 1.6, "fcc", offset=offset)
    rng = np.random.default_rng(0)
    rattled = []
    for _ in range(20):
        copy = slab.copy()
        copy.positions += rng.normal(0, 0.1, (len(copy), 3))
        rattled.append(copy)
    return slab, SparseGPR.fit(rattled, rng.normal(0, 0.3, len(rattled)), DeltaSettings())
