"""How costs grow with atoms and with labels, and the law that the growth follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from ase import Atoms

from engine.config import DeltaSettings, SystemSettings
from engine.generators import place
from engine.potentials.chgnet import CHGNet
from engine.potentials.delta import Delta
from engine.potentials.sparse_gpr import SparseGPR
from engine.space import Space
from tests.benchmarks.rows import Row
from tests.benchmarks.timing import Scale, median_seconds


def rows(scale: Scale, chgnet: CHGNet) -> Iterator[Row]:
    """A row for atoms, one for labels; targets are random, which no time depends on."""
    rng = np.random.default_rng(0)
    train = clusters(6, scale.labels, rng)
    model = SparseGPR.fit(train, rng.normal(0, 0.3, len(train)), DeltaSettings())
    grown = {18 * k: clusters(6 * k, 1, rng) for k in scale.grown}
    for name, potential in (("Δ", model), ("CHGNet + Δ", Delta(chgnet, model))):
        seconds = [median_seconds(lambda p=potential, s=s: p.predict(s), 3) for s in grown.values()]
        yield _row(f"{name} energy + forces", "atoms", list(grown), seconds)
    many = clusters(6, max(scale.grown_labels), rng)
    targets = rng.normal(0, 0.3, len(many))
    fits = [
        median_seconds(lambda n=n: SparseGPR.fit(many[:n], targets[:n], DeltaSettings()), 3)
        for n in scale.grown_labels
    ]
    yield _row("sparse GPR fit, Ag12S6, energies, M ≤ 500", "labels", list(scale.grown_labels), fits)


def clusters(units: int, count: int, rng: np.random.Generator) -> list[Atoms]:
    """Random [Ag2S]_units in a cube that they fit in."""
    edge = 12.0 * (units / 6) ** (1 / 3) + 8.0
    settings = SystemSettings(
        composition=f"Ag{2 * units}S{units}", cell=(edge, edge, edge), confinement=edge - 5.0
    )
    space = Space.of(settings)
    return [place(space, (0.75, 1.25), 100, rng) for _ in range(count)]


def _row(work: str, of: str, sizes: Sequence[int], seconds: Sequence[float]) -> Row:
    """The last figure, and all of them with the power between neighbours: t ∝ size^p."""
    powers = np.diff(np.log(seconds)) / np.diff(np.log(sizes))
    figures = " → ".join(f"{1e3 * s:.3g} ms" for s in seconds)
    law = ", ".join(f"{p:.2f}" for p in powers)
    grown = " → ".join(map(str, sizes))
    return Row(f"{work}, {grown} {of}", 1e3 * seconds[-1], "ms", note=f"{figures}: t ∝ {of}^p, p = {law}")
