"""CHGNet: the package's calculator, ours one by one, ours in batches of ten."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from engine.potentials.chgnet import CHGNet
from tests.benchmarks.timing import Scale, median_seconds, relaxing_clusters

BATCH = 10


def table(scale: Scale, chgnet: CHGNet, calculator: Any) -> Table:
    """Milliseconds an evaluation of energy and forces."""
    result = Table(title="CHGNet 0.3.0, energy and forces (ms a structure, median)")
    for column in (
        "structure",
        "CHGNetCalculator",
        "ours, single",
        "ours, batch of 10",
        "ratio",
        "batch ratio",
    ):
        result.add_column(column, justify="right")
    for formula in ("Ag12S6", "Ag8S4"):
        clusters = relaxing_clusters(formula, BATCH, chgnet, steps=10)
        per_structure = 1e3 / BATCH
        theirs = per_structure * median_seconds(
            lambda c=clusters: [calculator.calculate(cluster) for cluster in c], scale.repeats
        )
        single = per_structure * median_seconds(
            lambda c=clusters: [chgnet.predict([cluster]) for cluster in c], scale.repeats
        )
        batch = per_structure * median_seconds(lambda c=clusters: chgnet.predict(c), scale.repeats)
        result.add_row(
            formula,
            f"{theirs:.2f}",
            f"{single:.2f}",
            f"{batch:.2f}",
            f"{theirs / single:.1f}×",
            f"{theirs / batch:.1f}×",
        )
    return result
